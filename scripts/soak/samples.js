// Samples the values that must not grow: memory, open files, handles of the event loop, keys of Redis.
import { Redis } from "ioredis";

const GAUGES = {
  heapMiB: ["nodejs_heap_size_used_bytes", 1 << 20],
  residentMiB: ["process_resident_memory_bytes", 1 << 20],
  openFiles: ["process_open_fds", 1],
  handles: ["nodejs_active_handles_total", 1],
};

async function gaugesOf(origin) {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Object.entries(GAUGES).map(([name, [metric, unit]]) => {
    const value = new RegExp(`^${metric} (\\S+)$`, "m").exec(text)?.[1];
    return [name, Number(value) / unit];
  });
}

/** The allowed growth from the first third to the last: a fraction and an amount. */
const ALLOWED = {
  heapMiB: [0.15, 8],
  residentMiB: [0.15, 16],
  openFiles: [0.1, 8],
  handles: [0.1, 8],
  redisKeys: [0.2, 20],
};

/**
 * Memory varies with the garbage collector, so its lowest values are compared. For the others, the highest values are
 * compared.
 */
const levelOf = (name, values) => (name.endsWith("MiB") ? Math.min(...values) : Math.max(...values));

export function startSamples(redisUrl) {
  const redis = new Redis(redisUrl);
  const samples = [];
  return {
    take: async (origins) => {
      const sample = { redisKeys: await redis.dbsize() };
      for (const gauges of await Promise.all(origins.map(gaugesOf))) {
        for (const [name, value] of gauges) sample[name] = Math.max(sample[name] ?? 0, value);
      }
      samples.push(sample);
    },
    /** The level of each in the first third and in the last, and whether that is flat. */
    stop: () => {
      redis.disconnect();
      const third = Math.floor(samples.length / 3);
      return Object.entries(ALLOWED).map(([name, [share, amount]]) => {
        const level = (part) =>
          levelOf(
            name,
            part.map((sample) => sample[name]),
          );
        const [first, last] = [level(samples.slice(0, third)), level(samples.slice(-third))];
        // NaN if a gauge is missing; then the value does not count as flat.
        return { name, first, last, isFlat: third > 0 && last <= first * (1 + share) + amount };
      });
    },
  };
}
