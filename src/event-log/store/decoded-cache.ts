import { LRUCache } from "lru-cache";
import { type Entry } from "../../cache/entry.js";

/**
 * The memory of a decoded part for each stored byte, including all values derived from its rows: measured, rounded up.
 */
const BYTES_PER_STORED_BYTE = 8;
/**
 * An entry that is read this long after it was stored counts as in demand, in milliseconds. A walk does not read it
 * again so late.
 */
const IN_DEMAND_MS = 250;
/** The limit of decoded entries that are not yet in demand, in bytes: a few blocks for walks. */
const PASSING_MAX_BYTES = 512 * 1024;

/** The decoded value of an entry; null if its bytes have another form. */
type DecodedValue<T> = { readonly value: T | null };

/**
 * Keeps the decoded values of entries that are read repeatedly. A later entry with the same key counts as another
 * entry.
 */
export class DecodedCache<T> {
  readonly #passing: LRUCache<Entry, DecodedValue<T>>;
  readonly #inDemand: LRUCache<Entry, DecodedValue<T>>;

  /**
   * @param maxBytes the limit of all decoded values
   * @param decode decodes stored bytes; null if they have another form
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

  /** The decoded value of an entry. */
  get(entry: Entry): T | null {
    const inDemand = this.#inDemand.get(entry);
    if (inDemand !== undefined) return inDemand.value;
    const passing = this.#passing.get(entry);
    if (passing !== undefined && !this.#isInDemand(entry)) return passing.value;
    const value = passing === undefined ? this.decode(entry.value) : passing.value;
    this.keep(entry, value);
    return value;
  }

  /** Stores the decoded value of an entry that was just decoded or encoded. */
  keep(entry: Entry, value: T | null): void {
    const isInDemand = this.#isInDemand(entry);
    (isInDemand ? this.#inDemand : this.#passing).set(entry, { value });
    if (isInDemand) this.#passing.delete(entry);
  }

  #isInDemand({ receivedAtMs }: Entry): boolean {
    return this.nowMs() >= receivedAtMs + IN_DEMAND_MS;
  }
}

function boundedBy<T>(maxBytes: number): LRUCache<Entry, DecodedValue<T>> {
  return new LRUCache<Entry, DecodedValue<T>>({
    maxSize: Math.max(1, Math.floor(maxBytes)),
    sizeCalculation: (_decoded, { value }) => BYTES_PER_STORED_BYTE * value.length + 1,
  });
}
