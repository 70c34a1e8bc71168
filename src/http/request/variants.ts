import { type IncomingHttpHeaders } from "node:http";
import { LRUCache } from "lru-cache";
import { type FastAnswer, type Variant, variantOf } from "../../fastpath/fast-request.js";
import { type Coding, codingOf, encode } from "../response/compression.js";

/** The size limit of the remembered variants. */
const MAX_BYTES = 1_048_576;
/** The memory of a variant in addition to the characters of its texts. */
const OVERHEAD_BYTES = 512;

/** The variants of the latest requests, because most requests have the same headers as earlier ones. */
export class Variants {
  readonly #variants = new LRUCache<string, Variant>({
    maxSize: MAX_BYTES,
    sizeCalculation: (_variant, key) => 2 * key.length + OVERHEAD_BYTES,
  });

  /** @param caller the hash of the caller's credentials, and the projects that the caller may read */
  of(caller: string, headers: IncomingHttpHeaders): Variant {
    const { accept = "", origin = "", "accept-encoding": acceptEncoding } = headers;
    const negotiation = `${origin}\n${accept}\n${headers["content-type"] ?? ""}`;
    const recipient = `${caller}\n${String(headers["x-language"] ?? "")}\n${headers["accept-language"] ?? ""}`;
    const key = `${negotiation}\n${recipient}\n${acceptEncoding ?? ""}`;
    const known = this.#variants.get(key);
    if (known !== undefined) return known;
    const coding = codingOf(acceptEncoding);
    const variant = variantOf({
      negotiation,
      // Different values of Accept-Encoding that lead to the same coding share their answers.
      recipient: `${recipient}\n${coding.name ?? ""}${coding.minBytes}`,
      pack: (answer, isKept) => pack(answer, coding, isKept),
    });
    this.#variants.set(key, variant);
    return variant;
  }
}

function pack(answer: FastAnswer, wanted: Coding, isKept: boolean): FastAnswer {
  const { body, coding } = encode(answer.body, wanted, isKept ? "kept" : "once");
  const headers = [...answer.headers, "content-length", String(body.length)];
  if (coding !== null) headers.push("content-encoding", coding);
  return { headers, body, operationName: answer.operationName };
}
