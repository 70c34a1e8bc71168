/** Upstream calls, counted by the upstream. The numbers are the same on every machine. */
import { startContenders, startProduct, stopAll } from "../lib/contenders.js";
import { pageOf, toHive } from "../lib/operations.js";
import { post } from "../lib/server.js";

const PEERS = ["AS-naive", "AS-response-cache", "mercurius-jit", "Hive-cached"];

const newestOf = (name, id) => (name === "Hive-cached" ? toHive(pageOf(id, 50)) : pageOf(id, 50));

/** Walks a log to its end and counts the events. `onPage` is called after each page. */
async function walk(url, id, first, order, onPage = async () => undefined) {
  const cursors = new Set();
  let after;
  for (;;) {
    const answer = await fetch(url, post(JSON.stringify(pageOf(id, first, order, after))));
    const { data, errors } = await answer.json();
    if (errors) throw new Error(`A walk met ${JSON.stringify(errors)}`);
    const { edges, pageInfo } = data.trainingJob.events;
    for (const { cursor } of edges) cursors.add(cursor);
    if (!pageInfo.hasNextPage) return cursors.size;
    after = pageInfo.endCursor;
    await onPage();
  }
}

async function counted(simulator, act) {
  await simulator.resetCalls();
  await act();
  return simulator.calls();
}

async function walks({ simulator }, { name, url }) {
  const calls = {};
  for (const order of ["NEWEST_FIRST", "OLDEST_FIRST"]) {
    for (const first of [10, 50, 100]) {
      const id = `walk-${name}-${first}-${order}`;
      await simulator.createJob(id, 1000);
      calls[`walk of 1,000, pages of ${first}, ${order}`] = await counted(simulator, async () => {
        const events = await walk(url, id, first, order);
        if (events !== 1000) throw new Error(`A walk of ${name} found ${events} events`);
      });
      await simulator.deleteJob(id);
    }
  }
  return calls;
}

/** Walks from the newest event while a new event is written after each page. The walk does not contain the new events. */
async function walkWhileGrowing({ simulator }, { name, url }) {
  const id = `growing-${name}`;
  await simulator.createJob(id, 1000);
  return counted(simulator, async () => {
    const events = await walk(url, id, 50, "NEWEST_FIRST", () => simulator.addEvents(id, 1));
    if (events !== 1000) throw new Error(`A walk over a growing log found ${events} events instead of 1000`);
  });
}

/** Fifty clients request the newest page every 200 ms for 10 s; the job writes an event every 500 ms. */
async function polling({ simulator, load }, { name, url }) {
  const id = `polled-${name}`;
  await simulator.createJob(id, 230);
  await simulator.setLatency(50);
  const timer = setInterval(() => void simulator.addEvents(id, 1), 500);
  const calls = await counted(simulator, () =>
    load({ urls: [url], requests: [newestOf(name, id)], connections: 50, everyMs: 200, ms: 10_000 }),
  );
  clearInterval(timer);
  await simulator.setLatency(0);
  return calls;
}

/** 200 identical queries at once. Each upstream answer takes 1.5 s. */
async function stampede({ simulator, load }, { name, url }, id) {
  await simulator.setLatency(1500);
  const calls = await counted(simulator, () =>
    load({ urls: [url], requests: [newestOf(name, id)], connections: 200, count: 200 }),
  );
  await simulator.setLatency(0);
  return calls;
}

async function stampedes(bench, server) {
  const { simulator } = bench;
  const calls = {};
  for (const [what, length] of Object.entries({ "log over 100 events": 1000, "log of one block": 100 })) {
    const id = `stampede-${length}-${server.name}`;
    await simulator.createJob(id, length);
    calls[`stampede of 200, ${what}`] = await stampede(bench, server, id);
  }
  return calls;
}

/** The same after a query for the oldest event, so the total of the log is known. */
async function stampedeOnKnownTotal(bench, server) {
  const id = `stampede-known-${server.name}`;
  await bench.simulator.createJob(id, 1000);
  await fetch(server.url, post(JSON.stringify(pageOf(id, 1, "OLDEST_FIRST"))));
  return stampede(bench, server, id);
}

async function aliases({ simulator }, { name, url }) {
  const id = `aliases-${name}`;
  await simulator.createJob(id, 1000);
  const fields = Array.from({ length: 20 }, (_, index) => {
    return `a${index}: events(first: ${(index + 1) * 5}) { edges { node { message } } }`;
  });
  const query = `query { trainingJob(id: "${id}") { ${fields.join(" ")} } }`;
  return counted(simulator, async () => {
    const { data, errors } = await (await fetch(url, post(JSON.stringify({ query })))).json();
    if (errors) throw new Error(`20 aliases met ${JSON.stringify(errors)}`);
    const sizes = Object.values(data.trainingJob).map(({ edges }) => edges.length);
    if (sizes.some((size, index) => size !== (index + 1) * 5)) throw new Error(`20 aliases gave ${sizes}`);
  });
}

async function countForProduct(bench) {
  const server = await startProduct(bench.simulator.url);
  const calls = {
    ...(await walks(bench, server)),
    "walk of 1,000 while the log grows": await walkWhileGrowing(bench, server),
    ...(await stampedes(bench, server)),
    "stampede of 200, total known": await stampedeOnKnownTotal(bench, server),
    "20 aliases": await aliases(bench, server),
    "polling, 50 clients, 10 s": await polling(bench, server),
  };
  await server.stop();
  return calls;
}

async function countForPeer(bench, server) {
  // Hive's generated schema has no connection, so there is nothing to walk.
  const ofConnections =
    server.name === "Hive-cached"
      ? {}
      : { ...(await walks(bench, server)), "20 aliases": await aliases(bench, server) };
  return {
    ...ofConnections,
    ...(await stampedes(bench, server)),
    "polling, 50 clients, 10 s": await polling(bench, server),
  };
}

/** @returns by contender and title: the calls that the upstream got */
export async function countCalls(bench) {
  const { simulator, quick, say } = bench;
  const calls = { product: await countForProduct(bench) };
  say("upstream calls of the product");
  if (quick) return calls;
  const servers = await startContenders(PEERS, simulator.url, { TTL_SECONDS: "2" });
  for (const [name, server] of Object.entries(servers)) {
    calls[name] = await countForPeer(bench, server);
    say(`upstream calls of ${name}`);
  }
  await stopAll(servers);
  return calls;
}
