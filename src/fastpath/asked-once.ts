/** Number of places. Where the checksums of two requests share a place, the later one is remembered. */
const PLACES = 32_768;

/** Remembers recent requests by checksum. Forgetting one only costs making its answer once more. */
export class AskedOnce {
  readonly #checksums = new Uint32Array(PLACES);

  /** Whether the same checksum was seen before, as far as this object remembers. Remembers it from now on. */
  isAgain(checksum: number): boolean {
    const place = checksum % PLACES;
    const isAgain = this.#checksums[place] === checksum;
    this.#checksums[place] = checksum;
    return isAgain;
  }
}
