/**
 * The load generator, a separate process. It uses plain keep-alive sockets, because a client library needs as much CPU
 * as the fastest measured server. It gets one load at a time by IPC, limited in count and time, and connects to loopback only.
 */
import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import { cpuNs } from "./server.js";

const ERRORS = Buffer.from('"errors"');
const CHUNKS_END = Buffer.from("\r\n0\r\n\r\n");

/** Numbers that no request of this run has had before. */
let unique = Date.now();

/** The text of the n-th request: the given body, or the body with an additional variable that the document does not declare. */
function requestWriter({ requests, vary, headers = {}, method = "POST", paths }, { host, pathname, search }) {
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const start = `Host: ${host}\r\nConnection: keep-alive\r\n${more.join("")}`;
  if (method === "GET") return (n) => `GET ${paths[n % paths.length]} HTTP/1.1\r\n${start}\r\n`;
  const opening = (n) => {
    const path = paths ? paths[n % paths.length] : pathname + search;
    return `POST ${path} HTTP/1.1\r\n${start}Content-Type: application/json\r\nContent-Length: `;
  };
  const bodies = requests.map((request) => JSON.stringify(request));
  const lengths = bodies.map((body) => Buffer.byteLength(body));
  return (n) => {
    const index = n % bodies.length;
    const body = bodies[index];
    if (!vary) return `${opening(n)}${lengths[index]}\r\n\r\n${body}`;
    // The body ends with two braces: that of `variables` and its own.
    const extra = `,"n":${(unique += 1)}}}`;
    return `${opening(n)}${lengths[index] - 2 + extra.length}\r\n\r\n${body.slice(0, -2)}${extra}`;
  };
}

/** Reads one answer after the other from a socket. */
function answerReader(onAnswer) {
  let held = null;
  return (chunk) => {
    held = held ? Buffer.concat([held, chunk]) : chunk;
    const headEnd = held.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const head = held.latin1Slice(0, headEnd).toLowerCase();
    const [, length] = /\r\ncontent-length: (\d+)/.exec(head) ?? [];
    const whole = length === undefined ? held.length : headEnd + 4 + Number(length);
    if (held.length < whole) return;
    if (length === undefined && !held.subarray(-CHUNKS_END.length).equals(CHUNKS_END)) return;
    const body = held.subarray(headEnd + 4);
    held = null;
    const ok = head.startsWith("http/1.1 200") && !body.includes(ERRORS);
    onAnswer({ bodyBytes: body.length, failure: ok ? null : `${head} ${body}`.slice(0, 1000) });
  };
}

async function run(spec) {
  const { urls, connections = 32, count = Infinity, ms = 60_000, everyMs = 0, pids = [], latencies } = spec;
  if (urls.some((url) => new URL(url).hostname !== "127.0.0.1")) throw new Error("Loopback only.");
  const result = { answered: 0, failed: 0, bodyBytes: 0 };
  const times = [];
  const cpuBefore = pids.map(cpuNs);
  const startMs = performance.now();
  const endMs = startMs + Math.min(ms, 60_000);
  let begun = 0;

  const client = (index) =>
    new Promise((resolve) => {
      const url = new URL(urls[index % urls.length]);
      const write = requestWriter(spec, url);
      const socket = connect({ host: "127.0.0.1", port: Number(url.port), noDelay: true });
      let sentMs = 0;
      let nextMs = startMs + (index * everyMs) / connections;
      const send = () => {
        if (begun >= count || performance.now() >= endMs) {
          socket.end();
          return;
        }
        begun += 1;
        sentMs = performance.now();
        socket.write(write(begun - 1));
      };
      const pace = () => {
        if (everyMs === 0) return send();
        const waitMs = nextMs - performance.now();
        nextMs += everyMs;
        setTimeout(send, Math.max(0, waitMs));
      };
      const onData = answerReader(({ bodyBytes, failure }) => {
        result.answered += 1;
        if (failure) {
          result.failed += 1;
          result.failure ??= failure;
        }
        result.bodyBytes += bodyBytes;
        if (latencies) times.push(performance.now() - sentMs);
        pace();
      });
      const guard = setTimeout(() => socket.destroy(), endMs - performance.now() + 20_000);
      socket.on("connect", pace);
      socket.on("data", onData);
      socket.on("error", () => (result.failed += 1));
      socket.on("close", () => {
        clearTimeout(guard);
        resolve();
      });
    });

  await Promise.all(Array.from({ length: connections }, (_, index) => client(index)));
  const tookMs = performance.now() - startMs;
  const cpu = pids.reduce((sum, pid, index) => sum + cpuNs(pid) - cpuBefore[index], 0);
  times.sort((a, b) => a - b);
  return {
    ...result,
    unanswered: begun - result.answered,
    ms: tookMs,
    perSecond: (1000 * result.answered) / tookMs,
    cpuUs: cpu / 1000 / result.answered,
    bytes: result.bodyBytes / result.answered,
    p50Ms: times[Math.floor(times.length / 2)] ?? null,
    p99Ms: times[Math.floor(times.length * 0.99)] ?? null,
  };
}

process.on("message", (spec) => {
  run(spec).then(
    (result) => process.send({ result }),
    (error) => process.send({ error: String(error.stack) }),
  );
});
