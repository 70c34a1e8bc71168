import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** Metrics of Redis. */
export type RedisMetrics = {
  setUp(up: boolean): void;
  /** One command; `fault` is null for a reply. */
  observeCommand(durationMs: number, fault: string | null): void;
};

/** Faults with their own series. All others share one, so that the label is bounded. */
const FAULTS: ReadonlySet<string> = new Set(
  (
    "TIMEOUT CLOSED OOM READONLY MISCONF NOREPLICAS NOAUTH WRONGPASS NOPERM LOADING MASTERDOWN CLUSTERDOWN MOVED ASK " +
    "CROSSSLOT TRYAGAIN BUSY ECONNREFUSED ECONNRESET ETIMEDOUT EPIPE ENOTFOUND ERR"
  ).split(" "),
);
/** Upper bounds of the buckets, in seconds. The time limit of a command is 40 ms. */
const SECONDS = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.1];

export function createRedisMetrics(registers: Registry[]): RedisMetrics {
  const up = new Gauge({
    name: "cache_redis_up",
    help: "1 while Redis accepts commands; 0 while the gateway does not use it, or if there is none.",
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
    help: "Failed commands of Redis, by fault.",
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
