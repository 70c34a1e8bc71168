import DataLoader from "dataloader";
import { asError } from "../errors.js";
import { type BlockRef, type OffsetUnit } from "./geometry.js";
import { type Head } from "./store/head.js";
import { type EventLog, type ReadCall } from "./event-log.js";
import { type Counts, type CountsWant, type LogCounts } from "./store/log-counts.js";
import { type LogBlocks } from "./store/log-blocks.js";
import { type BlockWant, type FoundBlock, type FoundHead } from "./store/local-blocks.js";

/**
 * The reads of one operation, shared by all its fields and aliases. All parts that they need in the same tick become
 * one cache lookup, and a part that they need twice is read once.
 */
export class OperationLoader {
  readonly #blocks: DataLoader<BlockWant, FoundBlock, string>;
  readonly #heads: DataLoader<{ log: EventLog; sinceMs: number }, FoundHead, string>;
  /** The number of needed newest rows of a log. */
  readonly #sizes = new Map<string, number>();

  constructor(
    private readonly shared: LogBlocks,
    private readonly totals: LogCounts,
    private readonly call: ReadCall,
  ) {
    this.#blocks = new DataLoader(
      async (wants) => {
        const found = await shared.readBlocks(wants, call);
        return Promise.all(found.map((block) => block.catch(asError)));
      },
      { cacheKeyFn: ({ log, ref, sinceMs }) => `${log.prefix}:${ref.key}:${sinceMs}` },
    );
    this.#heads = new DataLoader(
      (wants) =>
        Promise.all(
          wants.map(({ log, sinceMs }) =>
            shared.readHead(log, sinceMs, this.#sizes.get(log.prefix) ?? 0, call).catch(asError),
          ),
        ),
      { cacheKeyFn: ({ log, sinceMs }) => `${log.prefix}:${sinceMs}:${shared.unit}` },
    );
  }

  /** When the operation began. Readings from then on count as fresh. */
  get startedAtMs(): number {
    return this.call.startedAtMs;
  }

  /** The unit of offsets, as far as it is known. */
  get unit(): OffsetUnit {
    return this.shared.unit;
  }

  block(log: EventLog, ref: BlockRef, sinceMs: number): FoundBlock | Promise<FoundBlock> {
    const want = { log, ref, sinceMs };
    return this.shared.local.block(want, this.call) ?? this.#blocks.load(want);
  }

  /** Whether a block answers without a call. */
  isLocal(log: EventLog, ref: BlockRef, sinceMs: number): boolean {
    return this.shared.local.block({ log, ref, sinceMs }, this.call) !== null;
  }

  /** The head of a log if it answers without a wait; otherwise null. */
  localHead(log: EventLog, sinceMs: number): Head | null {
    return this.shared.local.head(log, sinceMs, this.call);
  }

  /** @param size the number of needed newest rows */
  head(log: EventLog, sinceMs: number, size: number): FoundHead | Promise<FoundHead> {
    const local = this.localHead(log, sinceMs);
    if (local !== null) return local;
    this.#sizes.set(log.prefix, Math.max(size, this.#sizes.get(log.prefix) ?? 0));
    return this.#heads.load({ log, sinceMs });
  }

  /** Numbers of events, counted by the upstream. */
  counts(want: CountsWant): Counts | Promise<Counts> {
    return this.totals.local(want, this.call) ?? this.totals.read(want, this.call);
  }

  /** The last known head of a log. `refs`: the blocks that will be read next; they are looked up at the same time. */
  hint(log: EventLog, refs: readonly BlockRef[]): Head | null | Promise<Head | null> {
    return this.shared.hint(log, refs, this.call);
  }

  /** Whether a head answers without a call. */
  isFreshHead(head: Head, sinceMs: number): boolean {
    return this.shared.isFreshHead(head, sinceMs, this.call);
  }

  raiseFloor(log: EventLog, floorMs: number): void {
    this.shared.raiseFloor(log, floorMs);
  }
}
