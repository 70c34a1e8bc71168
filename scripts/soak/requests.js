// Requests pages at a fixed rate over a few keep-alive connections. Does not retry failed requests.
import { Buffer } from "node:buffer";
import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";

const QUERY = `query Page($id: ID!, $first: Int, $after: String, $filter: TrainingJobEventFilter) {
  trainingJob(id: $id) {
    events(first: $first, after: $after, filter: $filter) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { time level message }
    }
  }
}`;
/** Requests a second on one connection. */
const RATE_OF_CONNECTION = 10;
const FAILURES_SHOWN = 5;

/** @returns a function that ends the load and returns its results */
export function startRequests(url, jobs, rate) {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: Math.max(1, Math.ceil(rate / RATE_OF_CONNECTION)),
    // Each connection is used often enough to get the answer with `Connection: close`.
    scheduling: "fifo",
  });
  const found = { answered: 0, failed: 0, failures: [], timesMs: [] };
  const cursors = new Map();

  const post = (body) =>
    new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
      const sent = request(url, { method: "POST", agent, headers }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk) => (text += chunk));
        answer.on("end", () => resolve({ status: answer.statusCode, text }));
        answer.on("error", reject);
      });
      sent.on("error", reject);
      sent.end(body);
    });

  /** Newest pages, second pages, and pages under a filter. */
  const variablesOf = (number) => {
    const { id } = jobs[number % jobs.length];
    if (number % 10 === 0) return { id, first: 20, filter: { levels: ["WARNING"] } };
    if (number % 3 === 0 && cursors.has(id)) return { id, first: 20, after: cursors.get(id) };
    return { id, first: 20 };
  };

  const ask = async (number) => {
    const variables = variablesOf(number);
    const startMs = performance.now();
    try {
      const { status, text } = await post(JSON.stringify({ query: QUERY, variables }));
      const { data, errors } = JSON.parse(text);
      const page = data?.trainingJob?.events;
      if (status !== 200 || errors || !page) throw new Error(`${status} ${text}`.slice(0, 500));
      if (variables.after === undefined && variables.filter === undefined) {
        cursors.set(variables.id, page.pageInfo.endCursor);
      }
      found.answered += 1;
      found.timesMs.push(performance.now() - startMs);
    } catch (error) {
      found.failed += 1;
      if (found.failures.length < FAILURES_SHOWN) found.failures.push(String(error));
    }
  };

  let isOn = true;
  const inFlight = new Set();
  const startMs = performance.now();
  const loop = (async () => {
    for (let number = 0; isOn; number += 1) {
      const asked = ask(number).finally(() => inFlight.delete(asked));
      inFlight.add(asked);
      await wait(Math.max(0, startMs + ((number + 1) * 1000) / rate - performance.now()));
    }
    await Promise.all(inFlight);
    agent.destroy();
  })();
  return async () => {
    isOn = false;
    await loop;
    return found;
  };
}
