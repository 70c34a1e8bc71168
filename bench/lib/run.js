import { countCalls } from "../scenarios/calls.js";
import { measureBlocks } from "../scenarios/blocks.js";
import { measureFlood } from "../scenarios/flood.js";
import { measureGrowth } from "../scenarios/growth.js";
import { measureHot } from "../scenarios/hot.js";
import { measureMemory } from "../scenarios/memory.js";
import { measureMiss } from "../scenarios/miss.js";
import { measureRedis } from "../scenarios/redis.js";
import { startLoad } from "./load.js";
import { startRedis } from "./redis.js";
import { startSimulator } from "./simulator.js";

/** How cost grows is shown in the documents only; no target hangs on it. */
const PARTS = {
  calls: countCalls,
  hot: measureHot,
  redis: measureRedis,
  blocks: measureBlocks,
  miss: measureMiss,
  flood: measureFlood,
  memory: measureMemory,
  growth: measureGrowth,
};

/** Runs these parts, or all, one after the other over a simulator of their own, and gives their results by name. */
export async function runParts({ quick, parts, say }) {
  const wanted = parts ?? Object.keys(PARTS).filter((name) => !quick || name !== "growth");
  const redis = await startRedis();
  const { load, stop } = startLoad();
  const results = {};
  for (const name of wanted) {
    const simulator = await startSimulator();
    results[name] = await PARTS[name]({ simulator, load, redis, redisUrl: redis?.url ?? null, quick, say });
    await simulator.stop();
  }
  stop();
  redis?.stop();
  return results;
}
