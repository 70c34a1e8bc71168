import { type CacheOutcome } from "../../cache/channels.js";
import { type Grants } from "./grants.js";
import { blockRef, type BlockRef, type OffsetUnit } from "../geometry.js";
import { type Head, withFloor } from "./head.js";
import { backgroundCall, HEAD, type SourcePart, type EventLog, type ReadCall } from "../event-log.js";
import { type LogCache } from "./log-cache.js";
import { type LogFetch } from "../log-fetch.js";
import { type OffsetUnitState } from "../offset-unit.js";
import { isFull, type Segment } from "../segment.js";
import { type StandIns } from "./stand-ins.js";

/** A block to read; `sinceMs` is the earliest moment at which it must have been read. */
export type BlockWant = { readonly log: EventLog; readonly ref: BlockRef; readonly sinceMs: number };

/** A block, and the newest total that is known with it: how many events, and when that was so. */
export type FoundBlock = {
  readonly segment: Segment;
  readonly total: number;
  readonly totalAtMs: number;
  /** Whether it stands in after its lifetime because the upstream fails. */
  readonly isStale: boolean;
};

/** A head; marked where it stands in after its lifetime because the upstream fails. */
export type FoundHead = Head & { readonly isStale?: true };

/** The blocks and heads of all logs: from the cache, else fetched, else what was last known while that fails. */
export class LogBlocks {
  /** What is being renewed in the background. */
  readonly #renewed = new Set<string>();

  constructor(
    private readonly cache: LogCache,
    private readonly access: Grants,
    private readonly fetch: LogFetch,
    private readonly standIns: StandIns,
    private readonly offsetUnit: OffsetUnitState,
    private readonly nowMs: () => number,
  ) {}

  get unit(): OffsetUnit {
    return this.offsetUnit.current;
  }

  /** Reads blocks side by side, with one look into the cache for all. */
  async readBlocks(wants: readonly BlockWant[], call: ReadCall): Promise<Promise<FoundBlock>[]> {
    await this.cache.prefetch(wants, call);
    return wants.map((want) => this.#readBlock(want, call));
  }

  /** A block that answers without anybody being asked; null where somebody must be. */
  nearBlock(want: BlockWant, call: ReadCall): FoundBlock | null {
    return this.cache.isLocal([want], call) ? this.#nearBlock(want, call) : null;
  }

  /** The newest end of a log where that answers without anybody being asked; else null. */
  nearHead(log: EventLog, sinceMs: number, call: ReadCall): Head | null {
    return this.cache.isLocal([{ log, ref: null }], call) ? this.#nearHead(log, sinceMs, call) : null;
  }

  /** The newest end of a log, as of the last head lifetime, and not older than `wantedSinceMs`. */
  async readHead(log: EventLog, wantedSinceMs: number, size: number, call: ReadCall): Promise<FoundHead> {
    const { access, cache } = this;
    await cache.prefetch([{ log, ref: null }], call);
    const head = cache.head(log);
    const sinceMs = Math.max(wantedSinceMs, access.floorMs(log));
    if (head !== null && cache.isFreshHead(head, sinceMs, call)) {
      await access.ensure(log, call);
      this.#tellNear(log, HEAD, head.tail, call);
      return head;
    }
    const isDoubted = head !== null && cache.isFreshHead(head, 0, call);
    const readSinceMs = Math.max(sinceMs, cache.freshSinceMs(call));
    const renewal = {
      log,
      part: HEAD,
      last: () => {
        const last = cache.head(log);
        if (last === null || !this.#mayStandIn(log, HEAD, last.tail, sinceMs)) return null;
        return { head: last, readAtMs: last.tail.readAtMs };
      },
      read: (own: ReadCall) => this.fetch.head(log, readSinceMs, size, own),
    };
    const renewed = await this.standIns.renew(renewal, call);
    if (renewed.kind === "stale") return { ...renewed.value.head, isStale: true };
    const { value, outcome } = renewed.value;
    this.#tellLanded(log, HEAD, value.tail, isDoubted, outcome, call);
    return value;
  }

  /** What was last known of the end of a log, however old: a hint, never an answer. Looks for blocks on the way. */
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
    return this.cache.isFreshHead(head, sinceMs, call);
  }

  /** Makes all forget what was read of a log before this moment: it did not only grow. */
  raiseFloor(log: EventLog, floorMs: number): void {
    const head = this.cache.head(log);
    if (head !== null && head.floorMs < floorMs) this.cache.putHead(log, withFloor(head, floorMs));
  }

  #nearHead(log: EventLog, wantedSinceMs: number, call: ReadCall): Head | null {
    const { access, cache } = this;
    const head = cache.head(log);
    const sinceMs = Math.max(wantedSinceMs, access.floorMs(log));
    if (head === null || !access.isGranted(log) || !cache.isFreshHead(head, sinceMs, call)) return null;
    this.#tellNear(log, HEAD, head.tail, call);
    return head;
  }

  #nearBlock({ log, ref, sinceMs: wantedSinceMs }: BlockWant, call: ReadCall): FoundBlock | null {
    const { access, cache } = this;
    const sinceMs = Math.max(wantedSinceMs, access.floorMs(log));
    const block = this.#aliveBlock(log, ref);
    if (block === null || !access.isGranted(log)) return null;
    if (cache.isFreshBlock(block, sinceMs, call)) return this.#takeNear(log, ref, block, block, call);
    if (!cache.isSettledBlock(block, this.unit, sinceMs)) return null;
    const head = this.#nearHead(log, 0, call);
    if (head === null || !isUnchanged(block, head)) return null;
    if (block.start > 0 && !cache.isFreshOrigin(head, call)) return null;
    return this.#takeSettled(log, ref, block, head, call);
  }

  /** Takes a block that both ends of the log show to be unchanged. */
  #takeSettled(log: EventLog, ref: BlockRef, segment: Segment, head: Head, call: ReadCall): FoundBlock {
    const { origin, tail } = head;
    if (segment.start > 0 && origin !== null && this.cache.isAgeing(origin)) {
      this.#renewAhead(`${log.prefix}:origin`, call, (ahead) =>
        this.fetch.origin(log, origin.readAtMs + 1, ahead),
      );
    }
    const outcome = this.cache.sourceOf(log, ref.key, call);
    const source = this.#held(log, ref.key, segment, origin?.readAtMs ?? null);
    call.report({ part: ref.key, outcome, ageMs: null }, source);
    return { segment, total: tail.total, totalAtMs: tail.readAtMs, isStale: false };
  }

  /** @param counting the reading that tells the total */
  #takeNear(log: EventLog, ref: BlockRef, segment: Segment, counting: Segment, call: ReadCall): FoundBlock {
    this.#tellNear(log, ref.key, segment, call);
    return { segment, total: counting.total, totalAtMs: counting.readAtMs, isStale: false };
  }

  /** What is near of a block, if the log is not known to have changed since it was read. */
  #aliveBlock(log: EventLog, ref: BlockRef): Segment | null {
    const block = this.cache.block(log, ref);
    return block !== null && block.readAtMs >= this.cache.floorMs(log) ? block : null;
  }

  async #readBlock(want: BlockWant, call: ReadCall): Promise<FoundBlock> {
    const { access, cache } = this;
    const { log, ref } = want;
    const sinceMs = Math.max(want.sinceMs, access.floorMs(log));
    const alive = this.#aliveBlock(log, ref);
    const last = (): Segment | null =>
      alive !== null && this.#mayStandIn(log, ref.key, alive, sinceMs) ? alive : null;
    if (alive !== null && cache.isFreshBlock(alive, sinceMs, call)) {
      await access.ensure(log, call);
      return this.#takeNear(log, ref, alive, alive, call);
    }
    if (alive !== null && cache.head(log) !== null && cache.isSettledBlock(alive, this.unit, sinceMs)) {
      const settled = await this.#readSettled(want, alive, last, call);
      if (settled !== null) return settled;
    }
    const isDoubted = alive !== null && cache.isFreshBlock(alive, 0, call);
    const readSinceMs = Math.max(sinceMs, cache.freshSinceMs(call));
    const read = (own: ReadCall) => this.fetch.block(log, ref, readSinceMs, own);
    const renewed = await this.standIns.renew({ log, part: ref.key, last, read }, call);
    const segment = renewed.kind === "stale" ? renewed.value : renewed.value.value;
    if (renewed.kind === "read") {
      this.#tellLanded(log, ref.key, segment, isDoubted, renewed.value.outcome, call);
    }
    const isStale = renewed.kind === "stale";
    return { segment, total: segment.total, totalAtMs: segment.readAtMs, isStale };
  }

  /** A block that both ends of the log, read again, show to be unchanged; null where they do not. */
  async #readSettled(
    { log, ref }: BlockWant,
    block: Segment,
    last: () => Segment | null,
    call: ReadCall,
  ): Promise<FoundBlock | null> {
    const { cache, standIns } = this;
    const isOldest = block.start === 0;
    const read = () =>
      Promise.all([this.readHead(log, 0, 0, call), isOldest ? null : this.#readOrigin(log, ref, last, call)]);
    const ends = await standIns.orLast({ log, part: ref.key, last, read }, call);
    if (ends.kind === "stale" || ends.value[1] === "stale") {
      return { segment: block, total: block.total, totalAtMs: block.readAtMs, isStale: true };
    }
    const head = cache.head(log);
    if (head === null || !isUnchanged(block, head)) return null;
    const settled = this.#takeSettled(log, ref, block, head, call);
    return ends.value[0].isStale === true ? { ...settled, isStale: true } : settled;
  }

  /**
   * Makes sure that the oldest rows are known as they were within the last head lifetime; else the block that depends
   * on them is stale.
   */
  async #readOrigin(
    log: EventLog,
    ref: BlockRef,
    last: () => Segment | null,
    call: ReadCall,
  ): Promise<"fresh" | "stale"> {
    const head = this.cache.head(log);
    if (head !== null && this.cache.isFreshOrigin(head, call)) return "fresh";
    const sinceMs = this.cache.freshSinceMs(call);
    const read = (own: ReadCall) => this.fetch.origin(log, sinceMs, own);
    const renewed = await this.standIns.renew({ log, part: ref.key, last, read }, call);
    if (renewed.kind === "stale") return "stale";
    const { value, outcome } = renewed.value;
    this.#tellLanded(log, blockRef(this.unit, 0).key, value, false, outcome, call);
    return "fresh";
  }

  /** Tells of what was near, and renews what will soon be missed. */
  #tellNear(log: EventLog, part: string, segment: Segment, call: ReadCall): void {
    const isAgeing = (part === HEAD || !isFull(segment)) && this.cache.isAgeing(segment);
    if (isAgeing) {
      this.#renewAhead(log.prefix, call, (ahead) => this.fetch.head(log, segment.readAtMs + 1, 0, ahead));
    }
    const outcome = isAgeing ? "refreshed" : this.cache.sourceOf(log, part, call);
    call.report({ part, outcome, ageMs: null }, this.#held(log, part, segment));
  }

  /** @param isDoubted whether something that was still alive would not do */
  #tellLanded(
    log: EventLog,
    part: string,
    segment: Segment,
    isDoubted: boolean,
    outcome: CacheOutcome,
    call: ReadCall,
  ): void {
    // What an operation has waited for remains fresh to it, however long the reading took.
    call.acceptedSinceMs = Math.min(call.acceptedSinceMs, segment.readAtMs);
    const told = isDoubted && outcome === "upstream" ? "bypassed" : outcome;
    call.report({ part, outcome: told, ageMs: null }, this.#held(log, part, segment));
  }

  #held(log: EventLog, part: string, segment: Segment, originAtMs: number | null = null): SourcePart {
    const believedUntilMs = this.cache.believedUntilMs(part, segment);
    return { log, part, readAtMs: segment.readAtMs, believedUntilMs, originAtMs };
  }

  /** Renews something in the background, once at a time. */
  #renewAhead(name: string, call: ReadCall, renew: (ahead: ReadCall) => Promise<unknown>): void {
    if (this.#renewed.has(name)) return;
    this.#renewed.add(name);
    const forget = (): void => {
      this.#renewed.delete(name);
    };
    // Nobody waits: if it fails, the next caller gets the error.
    renew(backgroundCall(call, this.nowMs())).then(forget, forget);
  }

  /** Whether the last reading of a part may be shown in place of a new one. */
  #mayStandIn(log: EventLog, part: string, last: Segment, sinceMs: number): boolean {
    return (
      this.access.wasGranted(log) &&
      last.readAtMs >= Math.max(this.cache.floorMs(log), this.access.floorMs(log)) &&
      this.cache.mayStandIn(part, last, this.unit, sinceMs)
    );
  }
}

/** Whether both ends of a log show that a block is as it was when it was read. */
function isUnchanged({ start, total, readAtMs }: Segment, { floorMs, origin, tail }: Head): boolean {
  if (readAtMs < floorMs) return false;
  return start === 0 ? tail.total === total : origin !== null && readAtMs >= origin.sinceMs;
}
