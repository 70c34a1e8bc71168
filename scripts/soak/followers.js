// Follows jobs by the client package, half of the streams over graphql-ws and half over graphql-sse, and checks that
// each event comes once and in order.
import { setMaxListeners } from "node:events";
import { createClient as createSseClient } from "graphql-sse";
import { createClient as createWsClient } from "graphql-ws";
import { WebSocket } from "ws";
import { followEvents } from "../../packages/client/dist/index.js";

/** Each has a connection of its own. */
function clientFor(index, url) {
  if (index % 2 === 0) return createSseClient({ url: `${url}/stream`, retryAttempts: 0 });
  return createWsClient({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 });
}

export function startFollowers(url, jobs, count) {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const found = { lost: 0, repeated: 0, events: 0, interruptions: 0, failures: [] };

  const follow = async (follower, index) => {
    const client = clientFor(index, url);
    const { id } = follower.job;
    const batches = followEvents({
      client,
      variables: { id, last: 100 },
      signal: controller.signal,
      firstWaitMs: 100,
      longestWaitMs: 2_000,
      onState: ({ state }) => {
        if (state === "waiting") found.interruptions += 1;
      },
    });
    for await (const { edges } of batches) {
      for (const { node } of edges) {
        const number = Number(node.message);
        found.events += 1;
        follower.next ??= number;
        if (number < follower.next) found.repeated += 1;
        else {
          found.lost += number - follower.next;
          follower.next = number + 1;
        }
      }
    }
    await client.dispose();
  };

  const followers = Array.from({ length: count }, (_, index) => ({
    job: jobs[index % jobs.length],
    next: null,
  }));
  const done = followers.map((follower, index) =>
    follow(follower, index).catch((error) => found.failures.push(String(error))),
  );
  return {
    found,
    /** Whether each has got all events that were written so far. */
    isCaughtUp: () => followers.every(({ job, next }) => next !== null && next >= job.written),
    stop: async () => {
      const missing = followers.map(({ job, next }) => job.written - (next ?? 0));
      controller.abort();
      await Promise.all(done);
      return { ...found, lost: found.lost + missing.reduce((sum, one) => sum + one, 0) };
    },
  };
}
