// An events API over model logs, written apart from the simulator. A log can fail, be slow, have malformed rows, and be
// read through replicas that lag.
import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers";

const PATH = /^\/v2\/[^/]+\/training-jobs\/([^/]+)\/events$/;

/**
 * @param logs the logs by the ID of their job
 * @param faultOf returns the fault of a call to a log, and its delays before and after the log is read
 */
export async function startUpstream(logs, faultOf) {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    const url = new URL(request.url, "http://upstream");
    const log = logs.get(PATH.exec(url.pathname)?.[1]);
    const answer = (status, body) => {
      const text = JSON.stringify(body);
      response.writeHead(status, {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
      });
      response.end(text);
    };
    if (log === undefined) return answer(400, { error_code: "ModelArts.2775", error_msg: "No such job." });
    const { fault = null, delayMs = 0, answerDelayMs = 0 } = faultOf(log);
    const reply = () => {
      if (fault === "hang") return;
      if (fault === "reset") return response.socket?.destroy();
      if (fault === "garbage") return answer(200, { events: "none" });
      if (fault === "text") return response.end("<html>Please try again later.</html>");
      if (fault === "truncated") {
        response.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
        return response.write('{"total": 1, "events": [', () => response.socket?.destroy());
      }
      if (typeof fault === "number")
        return answer(fault, { error_code: "ModelArts.0010", error_msg: "Failed." });
      const read = page(log, url.searchParams);
      if (answerDelayMs > 0) setTimeout(() => answer(200, read), answerDelayMs);
      else answer(200, read);
    };
    if (delayMs > 0) setTimeout(reply, delayMs);
    else reply();
  });
  server.keepAliveTimeout = 120_000;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    get calls() {
      return calls;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function page(log, query) {
  const offset = Number(query.get("offset"));
  const limit = Number(query.get("limit"));
  const level = query.get("level");
  const source = query.get("source");
  const [startMs, endMs] = [Number(query.get("start_time") ?? 0), Number(query.get("end_time") ?? Infinity)];
  const lagMs = log.lagMs > 0 ? log.random.next() * log.lagMs : 0;
  const list = log
    .alive(performance.now() - lagMs)
    .filter((event) => level === null || event.level === level)
    .filter((event) => source === null || event.source === source)
    .filter(({ timeMs }) => timeMs >= startMs && timeMs <= endMs);
  const rows = (query.get("order") === "desc" ? list.reverse() : list).slice(offset, offset + limit);
  const events = rows.map(({ timeMs, level: name, source: sourceName, message, malformed }) => ({
    time: malformed === "time" ? "yesterday" : new Date(timeMs).toISOString(),
    level: name,
    source: malformed === "source" ? 17 : sourceName,
    message: malformed === "message" ? JSON.parse(message) : message,
  }));
  return { total: list.length, limit, offset, order: query.get("order"), events };
}
