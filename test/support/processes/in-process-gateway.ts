import { type App, startApp } from "../../../src/app/app.js";
import { createLogger } from "../../../src/observability/logger.js";
import { readSettings } from "../../../src/settings/settings.js";
import { eventually } from "../eventually.js";
import { metricOf } from "./load.js";
import { bePatientWithRedis } from "../redis/patient-redis.js";

/** A whole gateway in this process. */
export type InProcessGateway = App & {
  /** What was logged, in order. */
  readonly log: readonly Record<string, unknown>[];
  readonly close: () => Promise<void>;
};

/** Starts one with these variables, on a free port, that uses its Redis. `nowMs` is the clock of its lifetimes. */
export async function startInProcessGateway(
  env: Record<string, string>,
  nowMs?: () => number,
): Promise<InProcessGateway> {
  const reading = readSettings({ PORT: "0", ...env });
  if (!reading.ok) throw new Error(reading.problems.join());
  const log: Record<string, unknown>[] = [];
  const write = (line: string): number => log.push(JSON.parse(line) as Record<string, unknown>);
  const usesRedis = reading.settings.REDIS_URL !== null;
  if (usesRedis) bePatientWithRedis();
  const app = await startApp(reading.settings, createLogger("debug", { write }), nowMs);
  if (usesRedis) await eventually(async () => (await metricOf(app.url, "cache_redis_up")) === 1);
  return { ...app, log, close: () => app.drain({ delayMs: 0, graceMs: 1_000 }) };
}
