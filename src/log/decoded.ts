import { LRUCache } from "lru-cache";
import { type Entry } from "../cache/entry.js";
import { parseStored } from "./segment.js";

/** What a decoded part takes for each of its stored bytes, with all that is made of its rows: measured, rounded up. */
const BYTES_PER_STORED_BYTE = 20;

/** Keeps entries decoded that are asked for again and again. A later entry under the same key is another entry. */
export class Decoded<T> {
  readonly #kept: LRUCache<Entry, { readonly value: T | null }>;

  /** @param decode what stored JSON says; null where it is something else */
  constructor(
    maxBytes: number,
    private readonly decode: (stored: unknown) => T | null,
  ) {
    this.#kept = new LRUCache<Entry, { readonly value: T | null }>({
      maxSize: Math.max(1, Math.floor(maxBytes)),
      sizeCalculation: (_decoded, { value }) => BYTES_PER_STORED_BYTE * value.length + 1,
    });
  }

  /** Notes what an entry holds that was just made of it. */
  keep(entry: Entry, value: T): void {
    this.#kept.set(entry, { value });
  }

  /** What an entry holds. */
  get(entry: Entry): T | null {
    const kept = this.#kept.get(entry);
    if (kept !== undefined) return kept.value;
    const value = this.decode(parseStored(entry.value));
    this.#kept.set(entry, { value });
    return value;
  }
}
