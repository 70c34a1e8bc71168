/** Waves of new documents, and between them the known documents of a front end. */
import { startProduct } from "../lib/contenders.js";
import { PAGE } from "../lib/operations.js";
import { inRounds, timesCheaper } from "../lib/rounds.js";

const KNOWN = 50;

/** The document of the page with another alias: a different document with the same cost. */
const document = (alias, id) => ({
  query: PAGE.replace("events(", `${alias}: events(`),
  variables: { id, first: 50, order: "NEWEST_FIRST" },
});

/** @returns the speed of the known documents right after each wave, as a part of their speed without waves */
export async function measureFlood({ simulator, load, quick, say }) {
  const id = "flooded";
  await simulator.createJob(id, 1000);
  // Nothing else may change the speed, so the newest page lives longer than a wave takes.
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
