import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { type FastifyReply, type FastifyRequest } from "fastify";
import { LRUCache } from "lru-cache";
import { header } from "../request/request-info.js";
import { parseQualityValues } from "../request/quality-values.js";

/** How an answer's bytes are to be coded for a client. */
export type Coding = {
  /** Null for none. */
  readonly name: "br" | "gzip" | null;
  /** Smaller bodies are sent as they are. */
  readonly minBytes: number;
};

/** A body, with the `Content-Encoding` that it has. */
export type Coded = { readonly body: Buffer; readonly coding: Coding["name"] };

/**
 * Smaller answers fit one packet either way, and compressing one costs 10 µs, which is half of what sending it again
 * takes in all.
 */
const WORTHWHILE_BYTES = 1_024;

/**
 * How hard to try. A page of 50 events costs 20 µs of CPU and becomes a fifth where it is sent once; where it is kept
 * and sent again and again, 40 µs with gzip and 70 with brotli, and 5 or 15 % smaller. Compressing on Node's threads
 * would cost 110 µs in all, so it is done in place: 1.5 µs a kilobyte.
 */
const EFFORT = { once: { gzip: 3, br: 1 }, kept: { gzip: 9, br: 5 } };

/** What clients ask for is one of a few texts. */
const codings = new LRUCache<string, Coding>({ max: 200 });

/** What `Accept-Encoding` asks for (RFC 9110, 12.5.3); without it, or where nothing will do, bytes as they are. */
export function codingOf(acceptEncoding: string | undefined): Coding {
  if (acceptEncoding === undefined) return { name: null, minBytes: 0 };
  const known = codings.get(acceptEncoding);
  if (known !== undefined) return known;
  const coding = negotiate(acceptEncoding);
  // Whoever sends long ones would only fill the memory.
  if (acceptEncoding.length <= 100) codings.set(acceptEncoding, coding);
  return coding;
}

function negotiate(acceptEncoding: string): Coding {
  const weights = new Map(parseQualityValues(acceptEncoding).map(({ name, weight }) => [name, weight]));
  const weightOf = (name: string): number | undefined => weights.get(name) ?? weights.get("*");
  const [br = 0, gzip = 0, identity] = ["br", "gzip", "identity"].map(weightOf);
  const best = Math.max(br, gzip);
  // What is not listed is allowed, and wanted less than all that is.
  if (best === 0 || (identity ?? 0) > best) return { name: null, minBytes: 0 };
  return { name: br === best ? "br" : "gzip", minBytes: identity === 0 ? 0 : WORTHWHILE_BYTES };
}

/** Codes a body where that is wanted and worthwhile. */
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

/** Codes what a route is about to send; for fastify's `onSend`. */
export function encodeReply(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const wanted = codingOf(header(request, "accept-encoding"));
  if (typeof payload !== "string" || wanted.name === null) return payload;
  const { body, coding } = encode(Buffer.from(payload), wanted, "once");
  if (coding !== null) reply.header("content-encoding", coding);
  return body;
}
