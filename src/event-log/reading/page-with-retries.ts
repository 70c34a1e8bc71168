import { isAtNewestEnd, type PageRequest } from "../../paging/arguments.js";
import { type EventPage, type PageNeeds } from "../../paging/connection.js";
import { decodeCursor } from "../../paging/cursor.js";
import { decodeEventId } from "../../paging/event-id.js";
import { type JobRef } from "../../paging/job.js";
import { type Language } from "../../training-job-event.js";
import { type Place, readAround } from "../around/read-around.js";
import { type EventLog, type EventLogName } from "../event-log.js";
import { type NameLogs } from "../log-names.js";
import { type LogReader } from "./log-reader.js";
import { newestRows } from "./newest-rows.js";
import { readPage } from "./read-page.js";
import { type OperationLoader } from "../operation-loader.js";
import { withRetries } from "./with-retries.js";
import { allOf, type MaybeAsync } from "../../common/maybe-async.js";

/** The maximum number of attempts to read a page of a log that changes. Then it is an error. */
const ATTEMPTS_MAX = 8;

/** The caller of a page and the reader for it. */
export type ConnectionReads = {
  readonly language: Language;
  readonly reads: OperationLoader;
  readonly nameLogs: NameLogs;
  /** @throws GatewayError UNAUTHENTICATED if the caller has no valid credentials */
  readonly asCaller: (names: readonly EventLogName[]) => EventLog[];
};

/**
 * Reads one page of a job's events. Cursors are checked first, then credentials, then cache and upstream.
 * @throws GatewayError
 */
export function readPageWithRetries(
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
  const mayRoll = place === null && (after === null || before === null) && !needs.has("counts");
  return withRetries(reads, ATTEMPTS_MAX, ({ open, openRolling }) => {
    if (openRolling !== null && mayRoll && logs.length === 1 && reads.unit === "row") {
      return readPage(plan, logs.map(openRolling));
    }
    const readers = logs.map(open);
    const page = (): MaybeAsync<EventPage> =>
      place === null
        ? readPage(plan, readers)
        : readAround(plan, place, readers, ({ log }) => open(allMessagesOf(log)));
    return needs.has("counts") && !isNewestPage(request) ? behindHeads(readers, page) : page();
  });
}

/** Whether a page begins with the newest events. Such a page reads the heads first. */
function isNewestPage(page: PageRequest): boolean {
  const { size, after, before, around } = page;
  return isAtNewestEnd(page) && size > 0 && after === null && before === null && around === null;
}

/** Reads the heads for counts. Parts that are read before the first head of a log are not kept. */
function* behindHeads(
  readers: readonly LogReader[],
  page: () => MaybeAsync<EventPage>,
): MaybeAsync<EventPage> {
  yield* allOf(readers.map(newestRows));
  return yield* page();
}

/** @throws GatewayError INVALID_CURSOR */
function placeOf({ around }: PageRequest, job: number): Place | null {
  if (around === null || around.kind === "time") return around;
  return { kind: "event", id: decodeEventId(job, around.event), argument: around.event.argument };
}
