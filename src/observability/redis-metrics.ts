import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** What is counted of Redis. */
export type RedisMetrics = {
  setUp(up: boolean): void;
  /** One command; `fault` is null for a reply. */
  observeCommand(durationMs: number, fault: string | null): void;
};

/** Faults that have series of their own; the others share one, so that the label is bounded. */
const FAULTS: ReadonlySet<string> = new Set(
  (
    "TIMEOUT CLOSED OOM READONLY MISCONF NOREPLICAS NOAUTH WRONGPASS NOPERM LOADING MASTERDOWN CLUSTERDOWN MOVED ASK " +
    "CROSSSLOT TRYAGAIN BUSY ECONNREFUSED ECONNRESET ETIMEDOUT EPIPE ENOTFOUND ERR"
  ).split(" "),
);
/** Upper bounds of the buckets, in seconds; a command is given up after 40 ms. */
const SECONDS = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.1];

export function createRedisMetrics(registers: Registry[]): RedisMetrics {
  const up = new Gauge({
    name: "cache_redis_up",
    help: "1 while Redis takes commands, 0 while it is not asked or there is none.",
    registers,
  });
  const commands = new Histogram({
    name: "cache_redis_command_duration_seconds",
    help: "Commands of Redis by outcome: OK or FAILED.",
    labelNames: ["outcome"],
    buckets: SECONDS,
    registers,
  });
  const faults = new Counter({
    name: "cache_redis_faults_total",
    help: "Commands of Redis without a reply that is good, by fault.",
    labelNames: ["fault"],
    registers,
  });
  return {
    setUp: (isUp) => {
      up.set(isUp ? 1 : 0);
    },
    observeCommand: (durationMs, fault) => {
      commands.observe({ outcome: fault === null ? "OK" : "FAILED" }, durationMs / 1000);
      if (fault !== null) faults.inc({ fault: FAULTS.has(fault) ? fault : "OTHER" });
    },
  };
}
