import { type MaybeAsync } from "../../common/maybe-async.js";
import { GatewayError } from "../../errors.js";
import { type EventLog } from "../event-log.js";
import { LogReader } from "./log-reader.js";
import { LogChanged } from "./log-rows.js";
import { OffsetUnitChanged } from "../offset-unit.js";
import { type OperationLoader } from "../operation-loader.js";
import { RollingReader } from "../rolling/rolling-reader.js";

/** From this attempt on, a log counts as trimmed all the time. */
const ROLLING_ATTEMPT = 3;

/** One attempt to read logs. */
export type Attempt = {
  /** Opens a log for this attempt. */
  readonly open: (log: EventLog) => LogReader;
  /** Opens a log that is trimmed during the read; null in the first attempts. */
  readonly openRolling: ((log: EventLog) => RollingReader) | null;
  /** Whether this is the last attempt. */
  readonly isLast: boolean;
};

/**
 * Reads logs, and starts again if they changed during the read.
 * @param attempts the maximum number of attempts
 * @throws GatewayError UPSTREAM_UNAVAILABLE if they changed in each attempt
 */
export function* withRetries<T>(
  reads: OperationLoader,
  attempts: number,
  read: (attempt: Attempt) => MaybeAsync<T>,
): MaybeAsync<T> {
  const since = new Map<EventLog, number>();
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt === attempts;
    try {
      return yield* read({
        open: (log) => new LogReader(log, reads, since.get(log) ?? 0, isLast),
        openRolling:
          attempt < ROLLING_ATTEMPT ? null : (log) => new RollingReader(log, reads, since.get(log) ?? 0),
        isLast,
      });
    } catch (error) {
      if (!(error instanceof LogChanged || error instanceof OffsetUnitChanged)) throw error;
      if (isLast) {
        throw new GatewayError(
          "UPSTREAM_UNAVAILABLE",
          "The log changes faster than it can be read.",
          {},
          { cause: error },
        );
      }
      if (error instanceof LogChanged)
        since.set(error.log, Math.max(error.sinceMs, since.get(error.log) ?? 0));
    }
  }
}
