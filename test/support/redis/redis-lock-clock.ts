import { type Redis } from "ioredis";
import { FIND_OR_LOCK, KEEP_LOCK } from "../../../src/cache/redis/redis-scripts.js";

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
