import { LRUCache } from "lru-cache";
import { type Seal } from "../event-log/store/seal.js";
import { RecentChecksums } from "./recent-checksums.js";
import { type FastAnswer, type FastRequest, type Variant } from "./fast-request.js";

/** The memory of an answer in addition to its bytes. */
const ANSWER_OVERHEAD_BYTES = 512;

type KeptRequest = Pick<FastRequest, "variant" | "body">;

/** An answer, kept by the bytes of its request or by the meaning of its request. */
type Kept = {
  readonly answer: FastAnswer;
  /** Shows whether the data of the answer is still current. */
  readonly seal: Seal;
  /** The request, if the answer is kept by a checksum, because other requests may have the same checksum; else null. */
  readonly request: KeptRequest | null;
};

/** Whole answers in the form in which they are sent, kept while their data is current. */
export class KeptAnswers {
  /** By checksum, or by meaning. Keys made of all bytes of a request would cost more than the rest of a repeat. */
  readonly #answers: LRUCache<number | string, Kept>;
  readonly #recentBodies = new RecentChecksums();

  /** @param maxBytes the size limit of the answers and their keys */
  constructor(maxBytes: number) {
    this.#answers = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ answer, request }, key) =>
        answer.body.length +
        (request === null ? String(key).length : sizeOf(request)) +
        ANSWER_OVERHEAD_BYTES,
    });
  }

  /** The answer to a request with the same bytes. */
  byBytes(request: FastRequest): FastAnswer | null {
    const kept = this.#answers.get(request.checksum);
    if (!kept?.request || !isSame(kept.request, request)) return null;
    if (kept.seal.holds()) return kept.answer;
    this.#answers.delete(request.checksum);
    return null;
  }

  /** The answer to a request with the same meaning. */
  byMeaning(meaning: string, request: FastRequest): FastAnswer | null {
    const kept = this.#answers.get(meaning);
    if (!kept?.seal.holds()) return null;
    this.#keepForBytes(request, kept.answer, kept.seal);
    return kept.answer;
  }

  keep(meaning: string, request: FastRequest, answer: FastAnswer, seal: Seal): void {
    this.#answers.set(meaning, { answer, seal, request: null });
    this.#keepForBytes(request, answer, seal);
  }

  /** Keeps an answer by the bytes of its request when the same bytes come again: most requests come once. */
  #keepForBytes({ variant, checksum, body }: FastRequest, answer: FastAnswer, seal: Seal): void {
    if (!this.#recentBodies.hadBefore(checksum)) return;
    // A copy: the request's own body is a part of the buffer that the socket has read.
    const request = { variant, body: Buffer.from(body) };
    this.#answers.set(checksum, { answer, seal, request });
  }
}

/** The size in bytes; a character of a header is one byte. */
function sizeOf({ variant: { negotiation, recipient }, body }: KeptRequest): number {
  return negotiation.length + recipient.length + body.length;
}

function isSame(kept: KeptRequest, { variant, body }: FastRequest): boolean {
  return isSameVariant(kept.variant, variant) && kept.body.equals(body);
}

function isSameVariant(one: Variant, other: Variant): boolean {
  return one === other || (one.recipient === other.recipient && one.negotiation === other.negotiation);
}
