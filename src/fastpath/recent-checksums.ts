/** The number of places. If two checksums share a place, only the later one is remembered. */
const PLACES = 32_768;

/** Remembers recent requests by their checksums. A forgotten request costs one more execution of its operation. */
export class RecentChecksums {
  readonly #checksums = new Uint32Array(PLACES);

  /** Whether the checksum is remembered. It is remembered from now on. */
  hadBefore(checksum: number): boolean {
    const place = checksum % PLACES;
    const isKnown = this.#checksums[place] === checksum;
    this.#checksums[place] = checksum;
    return isKnown;
  }
}
