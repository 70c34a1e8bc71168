/** Documents never seen before, in waves, and between them the known ones of a whole front end. */
import { startProduct } from "../lib/contenders.js";
import { PAGE } from "../lib/operations.js";
import { inRounds, timesCheaper } from "../lib/rounds.js";

const KNOWN = 50;

/** The page's document under another alias, so another document that costs the same. */
const document = (alias, id) => ({
  query: PAGE.replace("events(", `${alias}: events(`),
  variables: { id, first: 50, order: "NEWEST_FIRST" },
});

/** @returns how much of their speed the known documents keep right after each wave of new ones */
export async function measureFlood({ simulator, load, quick, say }) {
  const id = "flooded";
  await simulator.createJob(id, 1000);
  // Nothing but the flood comes between: a wave takes as long as the newest page lives.
  const server = await startProduct(simulator.url, { env: { CACHE_HEAD_TTL_MS: "3600000" } });
  const target = { urls: [server.url], pids: [server.pid] };
  const waveSize = quick ? 800 : 1500;
  const known = Array.from({ length: KNOWN }, (_, index) => document(`known${index}`, id));
  const hot = () => load({ ...target, requests: known, vary: true, count: 2500 });
  let made = 0;
  const wave = () => {
    const requests = Array.from({ length: waveSize }, () => document(`new${(made += 1)}`, id));
    return load({ ...target, requests, count: waveSize });
  };
  await load({ ...target, requests: known, vary: true, count: 2500 });
  const measures = {
    calm: hot,
    flooded: async () => {
      await wave();
      return hot();
    },
  };
  const results = await inRounds(measures, quick ? { rounds: 5, extraRounds: 0 } : { rounds: 11 });
  await server.stop();
  say("flood of new documents");
  return {
    keptSpeed: timesCheaper(results.calm, results.flooded),
    calmUs: results.calm.cpuUs,
    floodedUs: results.flooded.cpuUs,
  };
}
