import { type Redis } from "ioredis";
import { type RedisGate } from "../../../src/cache/redis/redis-gate.js";
import { FIND_OR_LOCK, KEEP_LOCK } from "../../../src/cache/redis/redis-scripts.js";
import { preloadOf } from "./patient-redis.js";

/** A test cannot stop the clock of Redis. So with long locks, each second of a lock becomes an hour. */
export const LOCK_SECOND_MS = 3_600_000;

/** Extends the locks that a connection requests, and reports each answered request for one. */
export function lengthenLocks(connection: Redis, onLook: () => void = () => undefined): void {
  const send = connection.sendCommand.bind(connection);
  connection.sendCommand = (command, stream) => {
    const [script] = command.args;
    const isLook = script === FIND_OR_LOCK;
    if (isLook || script === KEEP_LOCK) {
      const lockMs = Number(command.args.at(-1));
      command.args[command.args.length - 1] = `${(lockMs / 1_000) * LOCK_SECOND_MS}`;
    }
    const reply = send(command, stream);
    if (isLook) void Promise.resolve(reply).then(onLook, () => undefined);
    return reply;
  };
}

/**
 * Extends the locks of gateways in the same way. On a busy machine an owner may renew its lock too late, and then
 * another process reads the same.
 */
function lengthenAllLocks(Gate: typeof RedisGate): void {
  // Uses nothing from outside, because its text also runs in other processes.
  const run: unknown = Reflect.get(Gate.prototype, "run");
  Reflect.set(
    Gate.prototype,
    "run",
    function (this: object, key: unknown, command: (client: object) => unknown): unknown {
      const long = (client: object): object =>
        new Proxy(client, {
          get: (target, name) => {
            const method: unknown = Reflect.get(target, name);
            if (typeof method !== "function") return method;
            return (...args: unknown[]): unknown => {
              const isLock = args.some((arg) => typeof arg === "string" && arg.includes("'NX', 'PX'"));
              const sent = isLock ? [...args.slice(0, -1), Number(args.at(-1)) * 3_600] : args;
              return Reflect.apply(method, target, sent) as unknown;
            };
          },
        });
      return Reflect.apply(run as (...args: unknown[]) => unknown, this, [
        key,
        (client: object) => command(long(client)),
      ]);
    },
  );
}

/** A module that does the same to the gateway of the process that preloads it. */
export const LONG_LOCKS = preloadOf(lengthenAllLocks);
