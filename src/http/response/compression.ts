import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { type FastifyReply, type FastifyRequest } from "fastify";
import { LRUCache } from "lru-cache";
import { header } from "../request/request-info.js";
import { parseQualityValues } from "../request/quality-values.js";

/** The content coding of answers for a client. */
export type Coding = {
  /** Null for no compression. */
  readonly name: "br" | "gzip" | null;
  /** Smaller bodies are not compressed. */
  readonly minBytes: number;
};

/** A body, with the `Content-Encoding` that it has. */
export type Coded = { readonly body: Buffer; readonly coding: Coding["name"] };

/**
 * Smaller answers fit into one packet without compression. Compressing one takes 10 µs, half of the time of a repeated
 * answer.
 */
const WORTHWHILE_BYTES = 1_024;

/**
 * The compression levels. For an answer that is sent once, a page of 50 events takes 20 µs of CPU and shrinks to a
 * fifth. For a kept answer it takes 40 µs with gzip or 70 µs with brotli, and is 5 or 15 % smaller. The calls are
 * synchronous (1.5 µs for each kilobyte), because compression in Node's thread pool takes 110 µs.
 */
const EFFORT = { once: { gzip: 3, br: 1 }, kept: { gzip: 9, br: 5 } };

/** The codings by header. Clients send only a few different headers. */
const codings = new LRUCache<string, Coding>({ max: 200 });

/** The coding for `Accept-Encoding` (RFC 9110, 12.5.3). Without this header or an acceptable coding: no compression. */
export function codingOf(acceptEncoding: string | undefined): Coding {
  if (acceptEncoding === undefined) return { name: null, minBytes: 0 };
  const known = codings.get(acceptEncoding);
  if (known !== undefined) return known;
  const coding = negotiate(acceptEncoding);
  // Long headers are not kept, so that they do not fill the memory.
  if (acceptEncoding.length <= 100) codings.set(acceptEncoding, coding);
  return coding;
}

function negotiate(acceptEncoding: string): Coding {
  const weights = new Map(parseQualityValues(acceptEncoding).map(({ name, weight }) => [name, weight]));
  const weightOf = (name: string): number | undefined => weights.get(name) ?? weights.get("*");
  const [br = 0, gzip = 0, identity] = ["br", "gzip", "identity"].map(weightOf);
  const best = Math.max(br, gzip);
  // A coding that is not listed is allowed, but has a lower preference than all listed ones.
  if (best === 0 || (identity ?? 0) > best) return { name: null, minBytes: 0 };
  return { name: br === best ? "br" : "gzip", minBytes: identity === 0 ? 0 : WORTHWHILE_BYTES };
}

/** Compresses a body if the client accepts it and the body is large enough. */
export function encode(body: Buffer, { name, minBytes }: Coding, effort: keyof typeof EFFORT): Coded {
  if (name === null || body.length < minBytes) return { body, coding: null };
  return { body: compress(body, name, EFFORT[effort][name]), coding: name };
}

function compress(body: Buffer, name: "br" | "gzip", level: number): Buffer {
  if (name === "gzip") return gzipSync(body, { level });
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: level,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
  };
  return brotliCompressSync(body, { params });
}

/** Compresses the payload of a reply; for Fastify's `onSend`. */
export function encodeReply(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const wanted = codingOf(header(request, "accept-encoding"));
  if (typeof payload !== "string" || wanted.name === null) return payload;
  const { body, coding } = encode(Buffer.from(payload), wanted, "once");
  if (coding !== null) reply.header("content-encoding", coding);
  return body;
}
