import { isoTime } from "../../paging/iso-time.js";
import { RenderedRow } from "../../paging/rendered-row.js";
import { type Level, LEVELS, type Source, SOURCES } from "../../training-job-event.js";

/** The number of events of one level; null stands for unknown levels. */
export class LevelCount extends RenderedRow {
  constructor(
    readonly level: Level | null,
    readonly count: number,
  ) {
    super();
  }
}

/** The number of events of one source; null stands for unknown sources. */
export class SourceCount extends RenderedRow {
  constructor(
    readonly source: Source | null,
    readonly count: number,
  ) {
    super();
  }
}

/** The number of events in a part of a time range; `start` is inclusive, `end` exclusive. */
export class Bucket extends RenderedRow {
  constructor(
    readonly start: string,
    readonly end: string,
    readonly count: number,
  ) {
    super();
  }
}

/** @param counts in the order of the levels @param unknown the number of events without a known level */
export function levelCounts(counts: readonly number[], unknown: number): LevelCount[] {
  return withUnknown(LEVELS, counts, unknown).map(([level, count]) => new LevelCount(level, count));
}

/** @param counts in the order of the sources @param unknown the number of events without a known source */
export function sourceCounts(counts: readonly number[], unknown: number): SourceCount[] {
  return withUnknown(SOURCES, counts, unknown).map(([source, count]) => new SourceCount(source, count));
}

/** @param edges the edges of the buckets, one more than there are counts */
export function bucketsOf(edges: readonly number[], counts: readonly number[]): Bucket[] {
  return counts.map((count, at) => new Bucket(isoTime(edges[at] ?? 0), isoTime(edges[at + 1] ?? 0), count));
}

function withUnknown<T extends string>(
  values: readonly T[],
  counts: readonly number[],
  unknown: number,
): [T | null, number][] {
  const known = values.map((value, at): [T, number] => [value, counts[at] ?? 0]);
  return unknown > 0 ? [...known, [null, unknown]] : known;
}
