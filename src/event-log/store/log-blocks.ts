import { type CacheOutcome } from "../../cache/channels.js";
import { type Grants } from "./grants.js";
import { blockRef, type BlockRef, type OffsetUnit } from "../geometry.js";
import { changedAt, type Head } from "./head.js";
import { HEAD, type EventLog, type ReadCall } from "../event-log.js";
import { type LogCache } from "./log-cache.js";
import { type LogFetch } from "../reading/log-fetch.js";
import { type OffsetUnitState } from "../offset-unit.js";
import { type Segment } from "../segment.js";
import { type BlockWant, type FoundBlock, type FoundHead, isUnchanged, LocalBlocks } from "./local-blocks.js";
import { type StaleIfError } from "./stale-if-error.js";

/**
 * The blocks and heads of all logs: from the cache, otherwise from the upstream, and stale ones while the upstream
 * fails or is slow.
 */
export class LogBlocks {
  /** The parts that can be used without a further read. */
  readonly local: LocalBlocks;

  constructor(
    private readonly cache: LogCache,
    private readonly grants: Grants,
    private readonly fetch: LogFetch,
    private readonly staleIfError: StaleIfError,
    private readonly offsetUnit: OffsetUnitState,
    private readonly nowMs: () => number,
  ) {
    this.local = new LocalBlocks(cache, grants, fetch, offsetUnit, nowMs);
  }

  get unit(): OffsetUnit {
    return this.offsetUnit.current;
  }

  /** Reads blocks in parallel, with one cache lookup for all. */
  async readBlocks(wants: readonly BlockWant[], call: ReadCall): Promise<Promise<FoundBlock>[]> {
    await this.cache.prefetch(wants, call);
    return wants.map((want) => this.#readBlock(want, call));
  }

  /** The head of a log, read within the last head lifetime, and not before `wantedSinceMs`. */
  async readHead(log: EventLog, wantedSinceMs: number, size: number, call: ReadCall): Promise<FoundHead> {
    const { grants, cache } = this;
    await cache.prefetch([{ log, ref: null }], call);
    const head = cache.head(log);
    const sinceMs = Math.max(wantedSinceMs, grants.floorMs(log));
    if (head !== null && cache.fresh.isFreshHead(head, sinceMs, call)) {
      await grants.ensure(log, call);
      this.local.report(log, HEAD, head.tail, call);
      return head;
    }
    const wasInvalidated = head !== null && cache.fresh.isFreshHead(head, 0, call);
    const readSinceMs = Math.max(sinceMs, cache.fresh.freshSinceMs(call));
    const renewal = {
      log,
      part: HEAD,
      last: () => {
        const last = cache.head(log);
        if (last === null || !this.#mayBeStale(log, last.tail, sinceMs)) return null;
        return { head: last, readAtMs: last.tail.readAtMs };
      },
      read: (own: ReadCall) => this.fetch.head(log, readSinceMs, size, own),
    };
    const renewed = await this.staleIfError.renew(renewal, call);
    if (renewed.kind === "stale") return { ...renewed.value.head, isStale: true };
    const { value, outcome } = renewed.value;
    this.#reportFetched(log, HEAD, value.tail, wasInvalidated, outcome, call);
    return value;
  }

  /** The last known head of a log, of any age, as a hint and never as an answer. Also looks up blocks in the cache. */
  hint(log: EventLog, refs: readonly BlockRef[], call: ReadCall): Head | null | Promise<Head | null> {
    const { cache } = this;
    const head = cache.head(log);
    const end = head?.knownTotal ?? Number.POSITIVE_INFINITY;
    const likely = refs.filter(({ start }) => start < end).map((ref) => ({ log, ref }));
    const wants = [{ log, ref: null }, ...likely];
    return cache.isLocal(wants, call) ? head : cache.prefetch(wants, call).then(() => cache.head(log));
  }

  /** Whether a head answers without a call. */
  isFreshHead(head: Head, sinceMs: number, call: ReadCall): boolean {
    return this.cache.fresh.isFreshHead(head, sinceMs, call);
  }

  /** Raises the floor of a log: it has not only grown, so no process uses older readings. */
  raiseFloor(log: EventLog, floorMs: number): void {
    const head = this.cache.head(log);
    if (head === null || head.floorMs >= floorMs) return;
    this.cache.putHead(log, changedAt(head, { floorMs, changedMs: Math.max(floorMs, this.nowMs()) }));
  }

  async #readBlock(want: BlockWant, call: ReadCall): Promise<FoundBlock> {
    const { grants, cache } = this;
    const { log, ref } = want;
    const wantedSinceMs = Math.max(want.sinceMs, grants.floorMs(log));
    const block = this.local.unchangedBlock(log, ref);
    const sinceMs = Math.max(wantedSinceMs, this.local.outgrownAtMs(log, block));
    const last = (): Segment | null =>
      block !== null && this.#mayBeStale(log, block, wantedSinceMs) ? block : null;
    if (block !== null && cache.fresh.isFreshBlock(block, sinceMs, call)) {
      await grants.ensure(log, call);
      return this.local.take(log, ref, block, block, call);
    }
    if (block !== null && cache.head(log) !== null && cache.fresh.isSettledBlock(block, this.unit, sinceMs)) {
      const settled = await this.#readSettled(want, block, last, call);
      if (settled !== null) return settled;
    }
    const wasInvalidated = block !== null && cache.fresh.isFreshBlock(block, 0, call);
    const readSinceMs = Math.max(sinceMs, cache.fresh.freshSinceMs(call));
    const read = (own: ReadCall) => this.fetch.block(log, ref, readSinceMs, own);
    const renewed = await this.staleIfError.renew({ log, part: ref.key, last, read }, call);
    const segment = renewed.kind === "stale" ? renewed.value : renewed.value.value;
    if (renewed.kind === "read") {
      this.#reportFetched(log, ref.key, segment, wasInvalidated, renewed.value.outcome, call);
    }
    const isStale = renewed.kind === "stale";
    return { segment, total: segment.total, totalAtMs: segment.readAtMs, isStale };
  }

  /** A settled block, after both ends of the log were read again; null if they show a change. */
  async #readSettled(
    { log, ref }: BlockWant,
    block: Segment,
    last: () => Segment | null,
    call: ReadCall,
  ): Promise<FoundBlock | null> {
    const { cache, staleIfError } = this;
    const read = () =>
      Promise.all([this.readHead(log, 0, 0, call), this.#readOldestRows(log, ref, last, call)]);
    const ends = await staleIfError.readOrStale({ log, part: ref.key, last, read }, call);
    if (ends.kind === "stale" || ends.value[1] === "stale") {
      return { segment: block, total: block.total, totalAtMs: block.readAtMs, isStale: true };
    }
    const head = cache.head(log);
    if (head === null || !isUnchanged(block, head)) return null;
    const settled = this.local.takeSettled(log, ref, block, head, call);
    return ends.value[0].isStale === true ? { ...settled, isStale: true } : settled;
  }

  /**
   * Ensures that the oldest rows were read within the last head lifetime. If this fails, the block that depends on them
   * is stale.
   */
  async #readOldestRows(
    log: EventLog,
    ref: BlockRef,
    last: () => Segment | null,
    call: ReadCall,
  ): Promise<"fresh" | "stale"> {
    const head = this.cache.head(log);
    if (head !== null && this.cache.fresh.hasFreshOldestRows(head, call)) return "fresh";
    const sinceMs = this.cache.fresh.freshSinceMs(call);
    const read = (own: ReadCall) => this.fetch.oldestRows(log, sinceMs, own);
    const renewed = await this.staleIfError.renew({ log, part: ref.key, last, read }, call);
    if (renewed.kind === "stale") return "stale";
    const { value, outcome } = renewed.value;
    this.#reportFetched(log, blockRef(this.unit, 0).key, value, false, outcome, call);
    return "fresh";
  }

  /** @param wasInvalidated whether a fresh cached part was not accepted */
  #reportFetched(
    log: EventLog,
    part: string,
    segment: Segment,
    wasInvalidated: boolean,
    outcome: CacheOutcome,
    call: ReadCall,
  ): void {
    // A reading that an operation has waited for stays fresh for it, even if the reading took long.
    call.acceptedSinceMs = Math.min(call.acceptedSinceMs, segment.readAtMs);
    const reported = wasInvalidated && outcome === "upstream" ? "bypassed" : outcome;
    call.report({ part, outcome: reported, ageMs: null }, this.local.sourcePart(log, part, segment));
  }

  /** Whether the last reading of a part may be used as stale instead of a new one. */
  #mayBeStale(log: EventLog, last: Segment, sinceMs: number): boolean {
    const { grants, cache } = this;
    const earliestMs = Math.max(sinceMs, cache.floorMs(log), grants.floorMs(log), cache.fresh.staleSinceMs());
    return grants.wasGranted(log) && last.readAtMs >= earliestMs;
  }
}
