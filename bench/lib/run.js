import { countCalls } from "../scenarios/calls.js";
import { measureBlocks } from "../scenarios/blocks.js";
import { measureFlood } from "../scenarios/flood.js";
import { measureGrowth } from "../scenarios/growth.js";
import { measureHot } from "../scenarios/hot.js";
import { measureLive } from "../scenarios/live.js";
import { measureMemory } from "../scenarios/memory.js";
import { measurePlaces } from "../scenarios/places.js";
import { measureMiss } from "../scenarios/miss.js";
import { measureResume } from "../scenarios/resume.js";
import { measureRedis } from "../scenarios/redis.js";
import { startLoad } from "./load.js";
import { startRedis } from "./redis.js";
import { startSimulator } from "./simulator.js";

/** Parts that a quick run omits. The latency of a miss varies too much in few rounds to decide anything. */
const FULL_ONLY = new Set(["growth", "miss", "resume"]);

const PARTS = {
  calls: countCalls,
  hot: measureHot,
  places: measurePlaces,
  redis: measureRedis,
  blocks: measureBlocks,
  miss: measureMiss,
  flood: measureFlood,
  live: measureLive,
  resume: measureResume,
  memory: measureMemory,
  growth: measureGrowth,
};

/** Runs these parts, or all, one after the other, each with its own simulator. @returns their results by name */
export async function runParts({ quick, parts, say, live }) {
  const wanted = parts ?? Object.keys(PARTS).filter((name) => !quick || !FULL_ONLY.has(name));
  const redis = await startRedis();
  const { load, stop } = startLoad();
  const results = {};
  for (const name of wanted) {
    const simulator = await startSimulator();
    const redisUrl = redis?.url ?? null;
    results[name] = await PARTS[name]({ simulator, load, redis, redisUrl, quick, say, ...live });
    await simulator.stop();
  }
  stop();
  redis?.stop();
  return results;
}
