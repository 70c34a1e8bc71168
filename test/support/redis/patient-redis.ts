import { RedisGate } from "../../../src/cache/redis/redis-gate.js";

/**
 * Makes gateways wait for Redis without a time limit. On a busy machine a healthy Redis may answer later than the
 * gateway's limit, and the promises of a shared cache hold only for gateways that Redis has answered.
 */
export function bePatientWithRedis(Gate: typeof RedisGate = RedisGate): void {
  // Uses nothing from outside, because its text also runs in other processes.
  const run: unknown = Reflect.get(Gate.prototype, "run");
  Reflect.set(Gate.prototype, "run", function (this: object, ...args: unknown[]): unknown {
    if (typeof Reflect.get(this, "limitMs") !== "number") throw new Error("The limit has another name now.");
    Reflect.set(this, "limitMs", 60_000);
    return (run as (...args: unknown[]) => unknown).apply(this, args);
  });
}

const BUILT_GATE = new URL("../../../dist/cache/redis/redis-gate.js", import.meta.url);

/** A module that does the same to the gateway of the process that preloads it. */
export const PATIENT_WITH_REDIS = preloadOf(bePatientWithRedis);

/** @param change uses nothing from outside, because its text runs in other processes */
export function preloadOf(change: (Gate: typeof RedisGate) => void): string {
  return `data:text/javascript,${encodeURIComponent(
    `import { RedisGate } from "${BUILT_GATE.href}"; (${change.toString()})(RedisGate);`,
  )}`;
}
