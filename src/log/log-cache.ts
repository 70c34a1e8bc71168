import { type BlockStore } from "../cache/block-store.js";
import { cacheKey, type CacheKey } from "../cache/key.js";
import { type BlockRef, type OffsetUnit } from "./geometry.js";
import { type Head, isCurrent, packHead, unpackHead, withFloor } from "./head.js";
import { type Log, type ReadCall } from "./log.js";
import { isFull, packSegment, parseStored, type Segment, unpackSegment } from "./segment.js";

/** How long what is stored is kept and believed, in milliseconds. */
export type Lifetimes = {
  /** How long what can still change is believed. */
  readonly headTtlMs: number;
  /** How long what no longer can is believed, as long as nothing speaks against it. */
  readonly settledTtlMs: number;
};

/** How long the end of a log is remembered, as a hint of where to ask. */
const HEAD_KEPT_MS = 3_600_000;
/** Blocks by page offset share no rows, so that a shift shows in the head alone: they are believed shorter. */
const UNCHECKED_TTL_FACTOR = 5;

/** What the store has of one log: typed, checked, and judged by age. */
export class LogCache {
  constructor(
    private readonly store: BlockStore,
    private readonly lifetimes: Lifetimes,
    private readonly nowMs: () => number,
  ) {}

  headKey(log: Log): CacheKey {
    return cacheKey(log.prefix, "head");
  }

  blockKey(log: Log, ref: BlockRef): CacheKey {
    return cacheKey(log.prefix, ref.key);
  }

  /** What is stored under the keys, in their order, by one round trip. */
  async fetch(keys: readonly CacheKey[]): Promise<readonly (Buffer | null)[]> {
    const found = await this.store.getMany(keys);
    return found.map((one) => one?.entry.value ?? null);
  }

  async head(log: Log): Promise<Head | null> {
    const [bytes] = await this.fetch([this.headKey(log)]);
    return readHead(bytes ?? null);
  }

  async block(log: Log, ref: BlockRef): Promise<Segment | null> {
    const [bytes] = await this.fetch([this.blockKey(log, ref)]);
    return readSegment(bytes ?? null);
  }

  /** Stores a head; of two floors the higher one stays, whoever writes last. */
  async putHead(log: Log, head: Head): Promise<Head> {
    const stored = await this.head(log);
    const merged = stored === null ? head : withFloor(head, stored.floorMs);
    this.store.set(this.headKey(log), {
      readAtMs: merged.tail.readAtMs,
      freshMs: isCurrent(merged) ? this.lifetimes.headTtlMs : 0,
      keptUntilMs: this.nowMs() + HEAD_KEPT_MS,
      value: encode(packHead(merged)),
    });
    return merged;
  }

  putBlock(log: Log, ref: BlockRef, segment: Segment): void {
    const { headTtlMs, settledTtlMs } = this.lifetimes;
    this.store.set(this.blockKey(log, ref), {
      readAtMs: segment.readAtMs,
      freshMs: isFull(segment) ? settledTtlMs : headTtlMs,
      keptUntilMs: this.nowMs() + Math.max(headTtlMs, settledTtlMs),
      value: encode(packSegment(segment)),
    });
  }

  /** The earliest moment at which what can still change must have been read to be believed now. */
  freshSinceMs({ startedAtMs }: ReadCall): number {
    return Math.min(this.nowMs() - this.lifetimes.headTtlMs, startedAtMs);
  }

  /** Whether the head may be answered from. */
  isFreshHead(head: Head, sinceMs: number, call: ReadCall): boolean {
    return isCurrent(head) && head.tail.readAtMs >= Math.max(sinceMs, this.freshSinceMs(call));
  }

  /** Whether a block was read lately enough to be believed by itself. */
  isFreshBlock(segment: Segment, sinceMs: number, call: ReadCall): boolean {
    return segment.readAtMs >= Math.max(sinceMs, this.freshSinceMs(call));
  }

  /**
   * Whether a block is old but good as long as the head, read again, finds the log only grown since: a full block
   * no longer changes by growth.
   */
  isSettledBlock(segment: Segment, unit: OffsetUnit, sinceMs: number): boolean {
    const { headTtlMs, settledTtlMs } = this.lifetimes;
    const ttlMs = unit === "row" ? settledTtlMs : Math.min(settledTtlMs, UNCHECKED_TTL_FACTOR * headTtlMs);
    return isFull(segment) && segment.readAtMs >= Math.max(sinceMs, this.nowMs() - ttlMs);
  }
}

/** The head in stored bytes; null where there is none or they hold something else. */
export function readHead(bytes: Buffer | null): Head | null {
  return bytes === null ? null : unpackHead(parseStored(bytes));
}

/** The segment in stored bytes; null where there is none or they hold something else. */
export function readSegment(bytes: Buffer | null): Segment | null {
  return bytes === null ? null : unpackSegment(parseStored(bytes));
}

function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
