import { type Grants } from "./grants.js";
import { type BlockRef } from "../geometry.js";
import { type Head } from "./head.js";
import { backgroundCall, HEAD, type SourcePart, type EventLog, type ReadCall } from "../event-log.js";
import { type LogCache } from "./log-cache.js";
import { type LogFetch } from "../reading/log-fetch.js";
import { type OffsetUnitState } from "../offset-unit.js";
import { isFull, type Segment } from "../segment.js";

/** A block to read; `sinceMs` is the earliest allowed moment of its reading. */
export type BlockWant = { readonly log: EventLog; readonly ref: BlockRef; readonly sinceMs: number };

/** A block, and the newest known total of its log with the moment of that total. */
export type FoundBlock = {
  readonly segment: Segment;
  readonly total: number;
  readonly totalAtMs: number;
  /** Whether the block is stale because the upstream fails or is slow. */
  readonly isStale: boolean;
};

/** A head; `isStale` is true if it is stale because the upstream fails or is slow. */
export type FoundHead = Head & { readonly isStale?: true };

/**
 * The blocks and heads in memory that can be used without a wait. Parts that expire soon are refreshed in the
 * background.
 */
export class LocalBlocks {
  /** The parts that are being refreshed in the background. */
  readonly #refreshed = new Set<string>();

  constructor(
    private readonly cache: LogCache,
    private readonly grants: Grants,
    private readonly fetch: LogFetch,
    private readonly offsetUnit: OffsetUnitState,
    private readonly nowMs: () => number,
  ) {}

  /** A block that can be used without a wait; null if a read is needed. */
  block(want: BlockWant, call: ReadCall): FoundBlock | null {
    return this.cache.isLocal([want], call) ? this.#localBlock(want, call) : null;
  }

  /** The head of a log if it can be used without a wait; otherwise null. */
  head(log: EventLog, sinceMs: number, call: ReadCall): Head | null {
    return this.cache.isLocal([{ log, ref: null }], call) ? this.#localHead(log, sinceMs, call) : null;
  }

  #localHead(log: EventLog, wantedSinceMs: number, call: ReadCall): Head | null {
    const { grants, cache } = this;
    const head = cache.head(log);
    const sinceMs = Math.max(wantedSinceMs, grants.floorMs(log));
    if (head === null || !grants.isGranted(log) || !cache.fresh.isFreshHead(head, sinceMs, call)) return null;
    this.report(log, HEAD, head.tail, call);
    return head;
  }

  #localBlock({ log, ref, sinceMs: wantedSinceMs }: BlockWant, call: ReadCall): FoundBlock | null {
    const { grants, cache } = this;
    const block = this.unchangedBlock(log, ref);
    if (block === null || !grants.isGranted(log)) return null;
    const sinceMs = Math.max(wantedSinceMs, grants.floorMs(log), this.outgrownAtMs(log, block));
    if (cache.fresh.isFreshBlock(block, sinceMs, call)) return this.take(log, ref, block, block, call);
    if (!cache.fresh.isSettledBlock(block, this.offsetUnit.current, sinceMs)) return null;
    const head = this.#localHead(log, 0, call);
    if (head === null || !isUnchanged(block, head)) return null;
    if (!cache.fresh.hasFreshOldestRows(head, call)) return null;
    return this.takeSettled(log, ref, block, head, call);
  }

  /** Uses and reports a settled block, which both ends of the log show to be unchanged. */
  takeSettled(log: EventLog, ref: BlockRef, segment: Segment, head: Head, call: ReadCall): FoundBlock {
    const { oldestRows, tail } = head;
    if (oldestRows !== null && this.cache.fresh.shouldRefreshAhead(oldestRows)) {
      this.#refreshAhead(`${log.prefix}:oldest-rows`, call, (ahead) =>
        this.fetch.oldestRows(log, oldestRows.readAtMs + 1, ahead),
      );
    }
    const outcome = this.cache.sourceOf(log, ref.key, call);
    const source = this.sourcePart(log, ref.key, segment, oldestRows?.readAtMs ?? null);
    call.report({ part: ref.key, outcome, ageMs: null }, source);
    return { segment, total: tail.total, totalAtMs: tail.readAtMs, isStale: false };
  }

  /** Uses and reports a fresh block. @param counting the reading with the newest total */
  take(log: EventLog, ref: BlockRef, segment: Segment, counting: Segment, call: ReadCall): FoundBlock {
    this.report(log, ref.key, segment, call);
    return { segment, total: counting.total, totalAtMs: counting.readAtMs, isStale: false };
  }

  /** The block in memory, unless the log has changed since it was read. */
  unchangedBlock(log: EventLog, ref: BlockRef): Segment | null {
    const block = this.cache.block(log, ref);
    return block !== null && block.readAtMs >= this.cache.floorMs(log) ? block : null;
  }

  /** The moment of the head that has more rows than this block; 0 if the block is full or no head has more. */
  outgrownAtMs(log: EventLog, block: Segment | null): number {
    if (block === null || isFull(block)) return 0;
    const tail = this.cache.head(log)?.tail;
    const isOutgrown = tail !== undefined && tail.readAtMs > block.readAtMs && tail.total > block.total;
    return isOutgrown ? tail.readAtMs : 0;
  }

  /** Reports a part from memory, and refreshes it in the background if it expires soon. */
  report(log: EventLog, part: string, segment: Segment, call: ReadCall): void {
    // With a slow upstream, a part can be old when it arrives. The operation that has waited for it does not refresh
    // it.
    const isOwn = segment.readAtMs >= call.startedAtMs;
    const isRefreshed =
      !isOwn && (part === HEAD || !isFull(segment)) && this.cache.fresh.shouldRefreshAhead(segment);
    if (isRefreshed) {
      this.#refreshAhead(log.prefix, call, (ahead) => this.fetch.head(log, segment.readAtMs + 1, 0, ahead));
    }
    const outcome = isRefreshed ? "refreshed" : this.cache.sourceOf(log, part, call);
    call.report({ part, outcome, ageMs: null }, this.sourcePart(log, part, segment));
  }

  /** The part in the form that seals use. */
  sourcePart(
    log: EventLog,
    part: string,
    segment: Segment,
    oldestReadAtMs: number | null = null,
  ): SourcePart {
    const validUntilMs = this.cache.fresh.validUntilMs(part, segment);
    return { log, part, readAtMs: segment.readAtMs, validUntilMs, oldestReadAtMs };
  }

  /** Starts a refresh in the background, unless it is already running. */
  #refreshAhead(name: string, call: ReadCall, renew: (ahead: ReadCall) => Promise<unknown>): void {
    if (this.#refreshed.has(name)) return;
    this.#refreshed.add(name);
    const forget = (): void => {
      this.#refreshed.delete(name);
    };
    // No caller waits for it. If it fails, the next caller reads the part and gets the error.
    renew(backgroundCall(call, this.nowMs())).then(forget, forget);
  }
}

/** Whether both ends of a log show that a block has not changed since it was read. */
export function isUnchanged({ readAtMs }: Segment, { changedMs, oldestRows }: Head): boolean {
  return oldestRows !== null && readAtMs >= Math.max(changedMs, oldestRows.sinceMs);
}
