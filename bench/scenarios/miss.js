/** A cache miss: one request at a time for a page that was never requested before. The upstream takes 5 ms. */
import { startContenders, stopAll } from "../lib/contenders.js";
import { pageOf } from "../lib/operations.js";
import { inRounds } from "../lib/rounds.js";
import { median } from "../lib/statistics.js";

/** Misses before the measurement, for each contender. Otherwise V8 compiles the code of a miss during the measurement. */
const WARM_UP = 2_500;

const CONTENDERS = ["AS-naive", "mercurius-jit", "product"];

/** @returns by contender: median over the rounds of its p50 less the p50 of the same call made directly, in ms */
export async function measureMiss({ simulator, load, say }) {
  const each = 150;
  const extraRounds = 2;
  const rounds = 5;
  const servers = await startContenders(CONTENDERS, simulator.url);
  const names = Object.keys(servers);
  const needed = WARM_UP + each * (rounds + extraRounds + 2);
  for (let job = 0; job < needed; job += 1) await simulator.createJob(`miss-${job}`, 60, 7);
  const fresh = Object.fromEntries(names.map((name) => [name, 0]));
  const ask = (name, count, connections = 1) => {
    const ids = Array.from({ length: count }, (_, index) => `miss-${fresh[name] + index}`);
    fresh[name] += count;
    const requests = ids.map((id) => pageOf(id, 50));
    return load({ urls: [servers[name].url], requests, count, connections, latencies: true });
  };
  const paths = [simulator.pagePath("miss-0", { limit: 50 })];
  const directly = () =>
    load({ urls: [simulator.url], method: "GET", paths, count: each, connections: 1, latencies: true });

  const hit = { requests: [pageOf("miss-0", 50)], count: 2500 };
  for (const name of names) {
    await load({ ...hit, urls: [servers[name].url] });
    await ask(name, WARM_UP, 8);
  }
  await simulator.setLatency(5);
  const results = await inRounds(
    { direct: directly, ...Object.fromEntries(names.map((name) => [name, () => ask(name, each)])) },
    { rounds, extraRounds, figure: "p50Ms" },
  );
  await simulator.setLatency(0);
  await stopAll(servers);
  say("miss");
  const { direct } = results;
  const added = (name) => median(results[name].rounds.map((p50Ms, round) => p50Ms - direct.rounds[round]));
  return Object.fromEntries(names.map((name) => [name, { addedP50Ms: added(name) }]));
}
