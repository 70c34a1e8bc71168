import { LRUCache } from "lru-cache";
import { type BlockStore } from "../../cache/block-store.js";
import { cacheKey, type CacheKey } from "../../cache/keys.js";
import { DecodedCache } from "./decoded-cache.js";
import { type BlockRef } from "../geometry.js";
import { Freshness, type Lifetimes } from "./freshness.js";
import {
  type Change,
  changedAt,
  type Head,
  isCurrent,
  isOtherState,
  type Reading,
  withLaterOldestRows,
} from "./head.js";
import { HEAD, type EventLog, type ReadCall } from "../event-log.js";
import { isFull, type Segment } from "../segment.js";
import { packHead, unpackHead } from "./stored-head.js";
import { packSegment, unpackSegment } from "./stored-segment.js";

/** How long the head of a log is kept as a hint where to read. */
const HEAD_KEPT_MS = 3_600_000;
/**
 * How long a block is kept at least, so that an operation finds its own readings, and later readings can be compared.
 */
const BLOCK_KEPT_MS = 60_000;
/** The number of logs whose last change is remembered in addition to the store. */
const CHANGES_MAX = 10_000;
const UNCHANGED: Change = { floorMs: 0, changedMs: 0 };

/** A block of a log with its head, or with null only the head. */
type PartRef = { readonly log: EventLog; readonly ref: BlockRef | null };

/** The stored parts of logs, typed and checked. */
export class LogCache {
  /** The changes that this process has seen. Another process may store a later head without knowing them. */
  readonly #changes = new LRUCache<string, Change>({ max: CHANGES_MAX });
  readonly #heads: DecodedCache<Head>;
  readonly #segments: DecodedCache<Segment>;
  /** Decides by their age whether parts may be used. */
  readonly fresh: Freshness;
  #written: { readonly segment: Segment; readonly bytes: Buffer } | null = null;

  /** @param decodedMaxBytes the limit of decoded parts that are read repeatedly */
  constructor(
    private readonly store: BlockStore,
    private readonly lifetimes: Lifetimes,
    decodedMaxBytes: number,
    private readonly nowMs: () => number,
  ) {
    this.fresh = new Freshness(lifetimes, nowMs);
    this.#heads = new DecodedCache(decodedMaxBytes / 2, unpackHead, nowMs);
    this.#segments = new DecodedCache(decodedMaxBytes / 2, unpackSegment, nowMs);
  }

  keyOf(log: EventLog, part: string): CacheKey {
    return part === HEAD ? log.headKey : cacheKey(log.prefix, part);
  }

  /** Whether the local cache has all that is known of these parts, so that no lookup in Redis is needed. */
  isLocal(wants: readonly PartRef[], call: ReadCall): boolean {
    const isKnown = (key: CacheKey): boolean => this.store.isLocal(key) || call.lookedUp.has(key);
    return wants.every(
      ({ log, ref }) =>
        isKnown(log.headKey) &&
        (ref === null || isKnown(this.keyOf(log, ref.key))) &&
        (log.credentials.kind === "none" || isKnown(log.grantKey)),
    );
  }

  /** Loads these parts, their heads and the grants for them from Redis into memory, with one round trip. */
  async prefetch(wants: readonly PartRef[], call: ReadCall): Promise<void> {
    const keys = new Set<CacheKey>();
    const optional = new Set<CacheKey>();
    for (const { log, ref } of wants) {
      keys.add(log.headKey);
      if (ref !== null) keys.add(this.keyOf(log, ref.key));
      // A token needs a grant. For the gateway's own credentials only a refusal is stored, which is rare.
      (log.credentials.kind === "none" ? optional : keys).add(log.grantKey);
    }
    const unseen = [...keys].filter((key) => !call.lookedUp.has(key));
    if (unseen.length === 0) return;
    const found = await this.store.getMany(unseen, [...optional]);
    unseen.forEach((key, index) => call.lookedUp.set(key, found[index]?.source ?? "memory"));
  }

  /** The tier of the cache in which the operation first found a part. */
  sourceOf(log: EventLog, part: string, call: ReadCall): "memory" | "redis" {
    return call.lookedUp.get(this.keyOf(log, part)) ?? "memory";
  }

  /** The floor of a log: segments read before this moment can belong to another state of it. */
  floorMs(log: EventLog): number {
    return this.#change(log).floorMs;
  }

  /** When the reading that raised the floor was complete: all later readings are of the state after the change. */
  changedMs(log: EventLog): number {
    return this.#change(log).changedMs;
  }

  /** The head in memory. */
  head(log: EventLog): Head | null {
    const entry = this.store.peek(log.headKey);
    const head = entry === null ? null : this.#heads.get(entry);
    return head === null ? null : changedAt(head, this.#changes.get(log.prefix) ?? UNCHANGED);
  }

  #change(log: EventLog): Change {
    return this.head(log) ?? this.#changes.get(log.prefix) ?? UNCHANGED;
  }

  /** The block in memory. */
  block(log: EventLog, ref: BlockRef): Segment | null {
    const entry = this.store.peek(this.keyOf(log, ref.key));
    return entry === null ? null : this.#segments.get(entry);
  }

  /** The block in memory, and when this process received it. */
  reading(log: EventLog, ref: BlockRef): Reading | null {
    const segment = this.block(log, ref);
    const completeMs = this.store.peek(this.keyOf(log, ref.key))?.receivedAtMs;
    return segment === null || completeMs === undefined ? null : { segment, completeMs };
  }

  /** Stores a head. The higher floor and the later reading of the oldest rows are kept, in any order of writing. */
  putHead(log: EventLog, head: Head): Head {
    const stored = this.head(log);
    const merged = stored === null ? head : withLaterOldestRows(changedAt(head, stored), stored);
    this.#changes.set(log.prefix, { floorMs: merged.floorMs, changedMs: merged.changedMs });
    const { headTtlMs, staleMs } = this.lifetimes;
    const nowMs = this.nowMs();
    const entry = {
      readAtMs: merged.tail.readAtMs,
      freshMs: isCurrent(merged) ? headTtlMs : 0,
      keptUntilMs: nowMs + Math.max(HEAD_KEPT_MS, headTtlMs + staleMs),
      receivedAtMs: nowMs,
      value: packHead(merged, this.#bytesOf(merged.tail)),
    };
    this.#heads.keep(entry, merged);
    this.store.set(
      log.headKey,
      entry,
      isCurrent(merged) && (stored === null || isOtherState(stored, merged)),
    );
    return merged;
  }

  putBlock(log: EventLog, ref: BlockRef, segment: Segment): void {
    const { headTtlMs, settledTtlMs, staleMs } = this.lifetimes;
    const ttlMs = isFull(segment) ? Math.max(settledTtlMs, headTtlMs) : headTtlMs;
    const nowMs = this.nowMs();
    const entry = {
      readAtMs: segment.readAtMs,
      freshMs: ttlMs,
      keptUntilMs: nowMs + Math.max(BLOCK_KEPT_MS, ttlMs + staleMs),
      receivedAtMs: nowMs,
      value: this.#bytesOf(segment),
    };
    this.#segments.keep(entry, segment);
    this.store.set(this.keyOf(log, ref.key), entry);
  }

  /** Stores a block that is also the tail of its log. It is encoded once for both. */
  #bytesOf(segment: Segment): Buffer {
    if (this.#written?.segment !== segment) this.#written = { segment, bytes: packSegment(segment) };
    return this.#written.bytes;
  }
}
