/** How the cost of a hot page grows with the size of the page, the log and the load. */
import { startProduct } from "../lib/contenders.js";
import { pageOf } from "../lib/operations.js";
import { inRounds } from "../lib/rounds.js";
import { post } from "../lib/server.js";

const LOGS = [100, 1000, 100_000];
/** The last number exceeds the space for whole answers. */
const PAGES = [10, 1000, 3000];

/** Requests for this number of different pages of 50, each one event after the other, in random order. */
async function pagesOf(url, id, count) {
  const requests = [];
  let after;
  while (requests.length < count) {
    const answer = await fetch(url, post(JSON.stringify(pageOf(id, 100, "OLDEST_FIRST", after))));
    const { edges, pageInfo } = (await answer.json()).data.trainingJob.events;
    requests.push(...edges.map(({ cursor }) => pageOf(id, 50, "OLDEST_FIRST", cursor)));
    after = pageInfo.endCursor;
  }
  for (let at = requests.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    [requests[at], requests[other]] = [requests[other], requests[at]];
  }
  return requests.slice(0, count);
}

/** @returns by dimension and size: CPU per request in µs, and requests per second */
export async function measureGrowth({ simulator, load, say }) {
  const servers = [await startProduct(simulator.url), await startProduct(simulator.url)];
  for (const length of LOGS) await simulator.createJob(`long-${length}`, length, 3);
  const one = { urls: [servers[0].url], pids: [servers[0].pid] };
  const two = { urls: servers.map(({ url }) => url), pids: servers.map(({ pid }) => pid) };
  const spec = { ...one, requests: [pageOf("long-1000", 50)], vary: true };
  const of = (id, first) => ({ ...spec, requests: [pageOf(id, first)] });
  const dimensions = {
    "events per page": Object.fromEntries(
      [1, 10, 25, 50, 100].map((first) => [first, of("long-1000", first)]),
    ),
    "events in the log": Object.fromEntries(LOGS.map((length) => [length, of(`long-${length}`, 50)])),
    clients: Object.fromEntries(
      [1, 8, 32, 128].map((connections) => [connections, { ...spec, connections }]),
    ),
    processes: { 1: spec, 2: { ...spec, ...two } },
  };
  await load({ ...spec, ...two, count: 5000 });
  const walked = await pagesOf(servers[0].url, "long-100000", Math.max(...PAGES));
  dimensions["different pages"] = Object.fromEntries(
    PAGES.map((count) => [count, { ...spec, requests: walked.slice(0, count) }]),
  );
  await load({ ...spec, requests: walked, count: 2 * walked.length });
  const growth = {};
  for (const [title, specs] of Object.entries(dimensions)) {
    const measures = Object.entries(specs).map(([size, sized]) => [size, () => load({ ...sized, ms: 1000 })]);
    growth[title] = await inRounds(Object.fromEntries(measures), { rounds: 3, extraRounds: 0 });
    say(`growth with ${title}`);
  }
  for (const server of servers) await server.stop();
  return growth;
}
