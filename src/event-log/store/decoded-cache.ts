import { LRUCache } from "lru-cache";
import { type Entry } from "../../cache/entry.js";

/** What a decoded part takes for each of its stored bytes, with all that is made of its rows: measured, rounded up. */
const BYTES_PER_STORED_BYTE = 8;
/** What is still asked for after this time is in demand, in milliseconds; a walk has long gone on by then. */
const IN_DEMAND_MS = 250;
/** Bound of what is not known to be in demand, in bytes: a few blocks for those that are walking through. */
const PASSING_MAX_BYTES = 512 * 1024;

/** What an entry holds; null where that is nothing of the kind. */
type Holding<T> = { readonly value: T | null };

/** Keeps entries decoded that are asked for again and again. A later entry under the same key is another entry. */
export class DecodedCache<T> {
  readonly #passing: LRUCache<Entry, Holding<T>>;
  readonly #inDemand: LRUCache<Entry, Holding<T>>;

  /**
   * @param maxBytes bound of all that is kept decoded
   * @param decode what stored bytes say; null where they are something else
   */
  constructor(
    maxBytes: number,
    private readonly decode: (stored: Buffer) => T | null,
    private readonly nowMs: () => number,
  ) {
    const passingBytes = Math.min(maxBytes / 2, PASSING_MAX_BYTES);
    this.#passing = boundedBy(passingBytes);
    this.#inDemand = boundedBy(maxBytes - passingBytes);
  }

  /** What an entry holds. */
  get(entry: Entry): T | null {
    const inDemand = this.#inDemand.get(entry);
    if (inDemand !== undefined) return inDemand.value;
    const passing = this.#passing.get(entry);
    if (passing !== undefined && !this.#isInDemand(entry)) return passing.value;
    const value = passing === undefined ? this.decode(entry.value) : passing.value;
    this.keep(entry, value);
    return value;
  }

  /** Notes what an entry holds, that was just read from it or made into it. */
  keep(entry: Entry, value: T | null): void {
    const isInDemand = this.#isInDemand(entry);
    (isInDemand ? this.#inDemand : this.#passing).set(entry, { value });
    if (isInDemand) this.#passing.delete(entry);
  }

  #isInDemand({ heldSinceMs }: Entry): boolean {
    return this.nowMs() >= heldSinceMs + IN_DEMAND_MS;
  }
}

function boundedBy<T>(maxBytes: number): LRUCache<Entry, Holding<T>> {
  return new LRUCache<Entry, Holding<T>>({
    maxSize: Math.max(1, Math.floor(maxBytes)),
    sizeCalculation: (_holding, { value }) => BYTES_PER_STORED_BYTE * value.length + 1,
  });
}
