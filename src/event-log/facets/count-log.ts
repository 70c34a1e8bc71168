import { type MaybeAsync, waitFor } from "../../common/maybe-async.js";
import { sum } from "../../common/sum.js";
import { GatewayError } from "../../errors.js";
import { INCONSISTENT_ANSWERS } from "../../modelarts/upstream-error.js";
import { rowAt, type RowRun } from "../../paging/mark.js";
import { blocksFor, type BlockRef } from "../geometry.js";
import { type LogReader } from "../reading/log-reader.js";
import { LogChanged } from "../reading/log-rows.js";
import { endOf } from "../segment.js";
import { type Counts, type UpTo } from "../store/log-counts.js";
import { type NarrowerFilter } from "../upstream-reader.js";
import { type Facet, until } from "./facet.js";

/** The maximum number of blocks of a log that is counted by its rows if all of them are in the local cache. */
const LOCAL_BLOCKS_MAX = 50;
/**
 * The maximum number of blocks of a log that is read for counting, if this takes no more calls than the upstream's
 * totals.
 */
const READ_BLOCKS_MAX = 10;

/**
 * Counts the events of a log by a facet. If the whole log is in the cache or takes few calls, its rows are counted.
 * Otherwise the upstream's totals are used. These end at a time before the newest rows, so that they do not change
 * while the log only grows. The later rows are counted here.
 * @param tail the newest rows
 * @param total the number of events to count, at most the number of existing ones
 * @throws LogChanged
 * @throws GatewayError UPSTREAM_INVALID_RESPONSE if the upstream's totals contradict its rows
 */
export function* countLog(
  reader: LogReader,
  facet: Facet,
  tail: RowRun,
  total: number,
  isLast: boolean,
): MaybeAsync<readonly number[]> {
  if (tail.start === 0) return countRows(facet, tail, 0, total);
  if (yield* isBestRead(reader, facet, tail)) {
    return countRows(facet, yield* reader.rows(0, total - 1), 0, total);
  }
  const { log, reads, sinceMs } = reader;
  const upTo = olderThanNewest(tail);
  const stored = yield* waitFor(
    reads.counts({
      log,
      part: facet.name,
      sinceMs,
      upTo,
      filters: facet.filters(upTo, log.request.time),
      isUsable: (counts) => counts.counts.length === facet.size && fits(counts, tail),
      isHint: false,
    }),
  );
  if (!facet.isPlausible(stored.counts, stored.upTo)) {
    // If the log still has as many events, it has not changed meanwhile.
    if (!isLast || (yield* countAfter(reader, stored, "total", {})) !== endOf(tail)) {
      throw new LogChanged(log, stored.readAtMs + 1);
    }
    throw new GatewayError("UPSTREAM_INVALID_RESPONSE", "The totals of ModelArts contradict its events.", {
      modelArts: INCONSISTENT_ANSWERS,
    });
  }
  if (!(yield* isComplete(reader, facet, stored))) throw new LogChanged(log, stored.readAtMs + 1);
  const { count } = stored.upTo;
  return total >= count
    ? add(stored.counts, countRows(facet, tail, count, total), 1)
    : add(stored.counts, countRows(facet, tail, total, count), -1);
}

/**
 * Whether the counts are of one state of the log. If they add up to fewer events than the log had, the others either
 * have an unknown value, or were trimmed while the upstream counted. One more call, after the counts, tells which.
 */
function* isComplete(reader: LogReader, { mayOmit }: Facet, counted: Counts): MaybeAsync<boolean> {
  const { upTo, counts } = counted;
  if (!mayOmit || sum(counts) === upTo.count) return true;
  const older = { time: until(upTo.endMs, reader.log.request.time) };
  return (yield* countAfter(reader, counted, "all", older)) === upTo.count;
}

/** The upstream's count of all events of a filter, read after other counts. */
function* countAfter(
  { log, reads }: LogReader,
  { upTo, readAtMs }: Counts,
  part: string,
  filter: NarrowerFilter,
): MaybeAsync<number> {
  const { counts } = yield* waitFor(
    reads.counts({
      log,
      part,
      sinceMs: readAtMs,
      upTo,
      filters: [filter],
      isUsable: (known) => known.upTo.count === upTo.count && known.upTo.endMs === upTo.endMs,
      isHint: false,
    }),
  );
  return counts[0] ?? 0;
}

/** The upstream calls that {@link countLog} needs for a log at most. */
export function* callsToCount(reader: LogReader, facet: Facet, tail: RowRun): MaybeAsync<number> {
  if (tail.start === 0) return 0;
  const refs = blocksFor(reader.reads.unit, 0, tail.start - 1);
  if (yield* areLocal(reader, refs)) return 0;
  return Math.min(refs.length <= READ_BLOCKS_MAX ? refs.length : facet.size, facet.size);
}

/** Whether the whole log should be read, because this takes no call or few calls. */
function* isBestRead(reader: LogReader, facet: Facet, tail: RowRun): MaybeAsync<boolean> {
  const refs = blocksFor(reader.reads.unit, 0, tail.start - 1);
  return refs.length <= Math.min(READ_BLOCKS_MAX, facet.size) || (yield* areLocal(reader, refs));
}

function* areLocal({ log, reads, sinceMs }: LogReader, refs: readonly BlockRef[]): MaybeAsync<boolean> {
  if (refs.length > LOCAL_BLOCKS_MAX) return false;
  yield* waitFor(reads.hint(log, refs));
  return refs.every((ref) => reads.isLocal(log, ref, sinceMs));
}

function countRows({ size, indexOf }: Facet, run: RowRun, from: number, to: number): number[] {
  const counts = Array<number>(size).fill(0);
  for (let at = Math.max(from, run.start); at < Math.min(to, endOf(run)); at += 1) {
    const index = indexOf(rowAt(run, at));
    if (index >= 0) counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

/** The events that are older than the newest second in the tail; all events if the tail has only one second. */
function olderThanNewest(tail: RowRun): UpTo {
  const newestMs = tail.rows.at(-1)?.timeMs ?? 0;
  const index = tail.rows.findIndex(({ timeMs }) => timeMs === newestMs);
  if (index <= 0) return { count: endOf(tail), endMs: newestMs };
  return { count: tail.start + index, endMs: newestMs - 1 };
}

/** Whether counts of the older events of a log match its newest rows. */
function fits({ upTo: { count, endMs } }: Counts, tail: RowRun): boolean {
  if (count < tail.start || count > endOf(tail)) return false;
  const before = tail.rows[count - 1 - tail.start];
  const behind = tail.rows[count - tail.start];
  return (before === undefined || before.timeMs <= endMs) && (behind === undefined || behind.timeMs > endMs);
}

function add(a: readonly number[], b: readonly number[], sign: 1 | -1): number[] {
  return a.map((count, at) => count + sign * (b[at] ?? 0));
}
