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

/** One request: everything that its answer depends on. */
export type FastRequest = {
  /** The request headers that the headers of the answer depend on: origin, accepted types and so on. */
  readonly negotiation: string;
  /** The caller, the language and the content coding. Holds a hash of the credentials, never the credentials. */
  readonly asker: string;
  readonly body: Buffer;
  /** The checksum of the three fields above. */
  readonly checksum: number;
  /** Whether a kept answer may be sent; false if the caller limits the age of the data. */
  readonly mayRepeat: boolean;
  readonly pack: Pack;
};

/** Builds a request; the parameters have the meaning of the fields of {@link FastRequest}. */
export function fastRequest(parts: Omit<FastRequest, "checksum">): FastRequest {
  const { negotiation, asker, body, mayRepeat, pack } = parts;
  const checksum = crc32(body, crc32(`${asker}\n${negotiation}`));
  return { negotiation, asker, body, checksum, mayRepeat, pack };
}
