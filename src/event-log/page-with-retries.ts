import { GatewayError } from "../errors.js";
import { type PageRequest } from "../paging/arguments.js";
import { type EventPage, type PageNeeds } from "../paging/connection.js";
import { decodeCursor } from "../paging/cursor.js";
import { decodeEventId } from "../paging/event-id.js";
import { type JobRef } from "../paging/job.js";
import { type Language } from "../training-job-event.js";
import { type Place, readAround } from "./around/read-around.js";
import { type EventLog, type EventLogName } from "./event-log.js";
import { type NameLogs } from "./log-names.js";
import { LogChanged, LogReader } from "./log-reader.js";
import { newestRows } from "./newest-rows.js";
import { OffsetUnitChanged } from "./offset-unit.js";
import { readPage } from "./read-page.js";
import { type OperationLoader } from "./operation-loader.js";
import { allOf, type MaybeAsync } from "../common/maybe-async.js";

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
 * Reads one page of a job's events. Cursors are checked first, then credentials, then cache and upstream.
 * @throws GatewayError
 */
export function* readPageWithRetries(
  { language, reads, nameLogs, asCaller }: ConnectionReads,
  job: JobRef,
  request: PageRequest,
  needs: PageNeeds,
): MaybeAsync<EventPage> {
  const { scope, names } = nameLogs(job, request.filter, language);
  const decode = (cursor: PageRequest["after"]) =>
    cursor === null ? null : decodeCursor(scope, names.length, cursor);
  const [after, before] = [decode(request.after), decode(request.before)];
  const place = placeOf(request, scope.job);
  const plan = { job, request, scope, after, before, language, needs };
  const logs = asCaller(names);
  const allMessages = new Map<EventLog, EventLog>();
  const allMessagesOf = (log: EventLog): EventLog => {
    const { level, source, time } = log.request;
    const filter = { levels: level && [level], sources: source && [source], messageContains: null, time };
    const [all] = allMessages.has(log) ? [] : asCaller(nameLogs(job, filter, language).names);
    if (all !== undefined) allMessages.set(log, all);
    return allMessages.get(log) ?? log;
  };
  const since = new Map<EventLog, number>();
  for (let attempt = 1; ; attempt += 1) {
    const open = (log: EventLog): LogReader =>
      new LogReader(log, reads, since.get(log) ?? 0, attempt === ATTEMPTS_MAX);
    try {
      const readers = logs.map(open);
      // Counts need the heads. What is read before the first head of a log is not kept.
      if (needs.has("counts")) yield* allOf(readers.map(newestRows));
      return place === null
        ? yield* readPage(plan, readers)
        : yield* readAround(plan, place, readers, ({ log }) => open(allMessagesOf(log)));
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

/** @throws GatewayError INVALID_CURSOR */
function placeOf({ around }: PageRequest, job: number): Place | null {
  if (around === null || around.kind === "time") return around;
  return { kind: "event", id: decodeEventId(job, around.event), argument: around.event.argument };
}
