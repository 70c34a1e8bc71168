import { crc32 } from "node:zlib";

/** Alternating names and values of headers, in the form that Node accepts. */
export type HeaderList = readonly string[];

/** A whole answer without errors. */
export type FastAnswer = {
  readonly headers: HeaderList;
  readonly body: Buffer;
  readonly operationName: string | null;
};

/** Prepares an answer for sending. An answer that is kept and sent again is compressed with more effort. */
type Pack = (answer: FastAnswer, isKept: boolean) => FastAnswer;

/** Everything except the request's body on which an answer depends. Many requests share one variant. */
export type Variant = {
  /** The request headers that the headers of the answer depend on: origin, accepted types and so on. */
  readonly negotiation: string;
  /** The caller (a hash of the credentials), the language and the content coding of the answer. */
  readonly recipient: string;
  /** The checksum of the two fields above. */
  readonly checksum: number;
  readonly pack: Pack;
};

/** One request: everything that its answer depends on. */
export type FastRequest = {
  readonly variant: Variant;
  readonly body: Buffer;
  /** The checksum of the variant and the body. */
  readonly checksum: number;
  /** Whether a kept answer may be sent; false if the caller limits the age of the data. */
  readonly mayRepeat: boolean;
};

/** Builds a variant; the parameters have the meaning of the fields of {@link Variant}. */
export function variantOf({ negotiation, recipient, pack }: Omit<Variant, "checksum">): Variant {
  return { negotiation, recipient, checksum: crc32(`${recipient}\n${negotiation}`), pack };
}

/** Builds a request; the parameters have the meaning of the fields of {@link FastRequest}. */
export function fastRequest({ variant, body, mayRepeat }: Omit<FastRequest, "checksum">): FastRequest {
  return { variant, body, checksum: crc32(body, variant.checksum), mayRepeat };
}
