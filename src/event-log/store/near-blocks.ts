import { type Grants } from "./grants.js";
import { type BlockRef } from "../geometry.js";
import { type Head } from "./head.js";
import { backgroundCall, HEAD, type SourcePart, type EventLog, type ReadCall } from "../event-log.js";
import { type LogCache } from "./log-cache.js";
import { type LogFetch } from "../reading/log-fetch.js";
import { type OffsetUnitState } from "../offset-unit.js";
import { isFull, type Segment } from "../segment.js";

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

/** The blocks and heads that answer without anybody being asked; what will soon expire is renewed in the background. */
export class NearBlocks {
  /** What is being renewed in the background. */
  readonly #renewed = new Set<string>();

  constructor(
    private readonly cache: LogCache,
    private readonly access: Grants,
    private readonly fetch: LogFetch,
    private readonly offsetUnit: OffsetUnitState,
    private readonly nowMs: () => number,
  ) {}

  /** A block that answers without anybody being asked; null where somebody must be. */
  block(want: BlockWant, call: ReadCall): FoundBlock | null {
    return this.cache.isLocal([want], call) ? this.#nearBlock(want, call) : null;
  }

  /** The newest end of a log where that answers without anybody being asked; else null. */
  head(log: EventLog, sinceMs: number, call: ReadCall): Head | null {
    return this.cache.isLocal([{ log, ref: null }], call) ? this.#nearHead(log, sinceMs, call) : null;
  }

  #nearHead(log: EventLog, wantedSinceMs: number, call: ReadCall): Head | null {
    const { access, cache } = this;
    const head = cache.head(log);
    const sinceMs = Math.max(wantedSinceMs, access.floorMs(log));
    if (head === null || !access.isGranted(log) || !cache.fresh.isFreshHead(head, sinceMs, call)) return null;
    this.tell(log, HEAD, head.tail, call);
    return head;
  }

  #nearBlock({ log, ref, sinceMs: wantedSinceMs }: BlockWant, call: ReadCall): FoundBlock | null {
    const { access, cache } = this;
    const block = this.alive(log, ref);
    if (block === null || !access.isGranted(log)) return null;
    const sinceMs = Math.max(wantedSinceMs, access.floorMs(log), this.outgrownAtMs(log, block));
    if (cache.fresh.isFreshBlock(block, sinceMs, call)) return this.take(log, ref, block, block, call);
    if (!cache.fresh.isSettledBlock(block, this.offsetUnit.current, sinceMs)) return null;
    const head = this.#nearHead(log, 0, call);
    if (head === null || !isUnchanged(block, head)) return null;
    if (block.start > 0 && !cache.fresh.isFreshOrigin(head, call)) return null;
    return this.takeSettled(log, ref, block, head, call);
  }

  /** Takes a block that both ends of the log show to be unchanged. */
  takeSettled(log: EventLog, ref: BlockRef, segment: Segment, head: Head, call: ReadCall): FoundBlock {
    const { origin, tail } = head;
    if (segment.start > 0 && origin !== null && this.cache.fresh.isAgeing(origin)) {
      this.#renewAhead(`${log.prefix}:origin`, call, (ahead) =>
        this.fetch.origin(log, origin.readAtMs + 1, ahead),
      );
    }
    const outcome = this.cache.sourceOf(log, ref.key, call);
    const source = this.held(log, ref.key, segment, origin?.readAtMs ?? null);
    call.report({ part: ref.key, outcome, ageMs: null }, source);
    return { segment, total: tail.total, totalAtMs: tail.readAtMs, isStale: false };
  }

  /** @param counting the reading that tells the total */
  take(log: EventLog, ref: BlockRef, segment: Segment, counting: Segment, call: ReadCall): FoundBlock {
    this.tell(log, ref.key, segment, call);
    return { segment, total: counting.total, totalAtMs: counting.readAtMs, isStale: false };
  }

  /** What is near of a block, if the log is not known to have changed since it was read. */
  alive(log: EventLog, ref: BlockRef): Segment | null {
    const block = this.cache.block(log, ref);
    return block !== null && block.readAtMs >= this.cache.floorMs(log) ? block : null;
  }

  /** When the log was last seen to have more rows than a block that reached its end; 0 where it was not. */
  outgrownAtMs(log: EventLog, block: Segment | null): number {
    if (block === null || isFull(block)) return 0;
    const tail = this.cache.head(log)?.tail;
    const isOutgrown = tail !== undefined && tail.readAtMs > block.readAtMs && tail.total > block.total;
    return isOutgrown ? tail.readAtMs : 0;
  }

  /** Tells of what was near, and renews what will soon be missed. */
  tell(log: EventLog, part: string, segment: Segment, call: ReadCall): void {
    // A slow upstream gives what is old already; whoever has waited for that does not ask for it again.
    const isOwn = segment.readAtMs >= call.startedAtMs;
    const isAgeing = !isOwn && (part === HEAD || !isFull(segment)) && this.cache.fresh.isAgeing(segment);
    if (isAgeing) {
      this.#renewAhead(log.prefix, call, (ahead) => this.fetch.head(log, segment.readAtMs + 1, 0, ahead));
    }
    const outcome = isAgeing ? "refreshed" : this.cache.sourceOf(log, part, call);
    call.report({ part, outcome, ageMs: null }, this.held(log, part, segment));
  }

  /** A part as an answer is made of it. */
  held(log: EventLog, part: string, segment: Segment, originAtMs: number | null = null): SourcePart {
    const believedUntilMs = this.cache.fresh.believedUntilMs(part, segment);
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
}

/** Whether both ends of a log show that a block is as it was when it was read. */
export function isUnchanged({ start, total, readAtMs }: Segment, { floorMs, origin, tail }: Head): boolean {
  if (readAtMs < floorMs) return false;
  return start === 0 ? tail.total === total : origin !== null && readAtMs >= origin.sinceMs;
}
