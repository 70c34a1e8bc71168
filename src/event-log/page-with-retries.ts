import { GatewayError } from "../errors.js";
import { type EventsArguments, type PageRequest, parseEventsArguments } from "../paging/arguments.js";
import { type EventConnection } from "../paging/connection.js";
import { decodeCursor } from "../paging/cursor.js";
import { type JobRef } from "../paging/job.js";
import { type Language } from "../training-job-event.js";
import { type EventLog, type EventLogName } from "./event-log.js";
import { type NameLogs } from "./log-names.js";
import { LogChanged, LogReader } from "./log-reader.js";
import { OffsetUnitChanged } from "./offset-unit.js";
import { readPage } from "./read-page.js";
import { type OperationLoader } from "./operation-loader.js";
import { type MaybeAsync } from "../common/maybe-async.js";

/** How often a page is started anew because the log changed under it, before that is told as a fault. */
const ATTEMPTS_MAX = 8;

/** Who asks for a page, and through what it is read. */
export type ConnectionReads = {
  readonly language: Language;
  readonly reads: OperationLoader;
  readonly nameLogs: NameLogs;
  /** @throws GatewayError UNAUTHENTICATED when the caller may not read at all */
  readonly asCaller: (names: readonly EventLogName[]) => EventLog[];
};

/**
 * Reads one page of a job's events. Arguments are checked first, then credentials, then cache and upstream.
 * @param withCursors whether the page's cursors are wanted
 * @throws GatewayError
 */
export function* readPageWithRetries(
  { language, reads, nameLogs, asCaller }: ConnectionReads,
  job: JobRef,
  args: EventsArguments,
  withCursors: boolean,
): MaybeAsync<EventConnection> {
  const request = parseEventsArguments(args);
  const { scope, names } = nameLogs(job, request.filter, language);
  const decode = (cursor: PageRequest["after"]) =>
    cursor === null ? null : decodeCursor(scope, names.length, cursor);
  const [after, before] = [decode(request.after), decode(request.before)];
  const plan = { request, scope, after, before, language, withCursors };
  const logs = asCaller(names);
  const since = new Map<EventLog, number>();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return yield* readPage(
        plan,
        logs.map((log) => new LogReader(log, reads, since.get(log) ?? 0, attempt === ATTEMPTS_MAX)),
      );
    } catch (error) {
      const changed = error instanceof LogChanged || error instanceof OffsetUnitChanged;
      if (!changed) throw error;
      if (attempt === ATTEMPTS_MAX) {
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
