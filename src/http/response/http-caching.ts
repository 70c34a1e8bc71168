import { createHash } from "node:crypto";
import { type FastifyReply, type FastifyRequest } from "fastify";
import { type OperationContext } from "../../graphql/context.js";
import { TRACE_HEADER } from "../../graphql/inline-trace.js";

/**
 * Sets `Cache-Control: private`, `max-age` and an ETag for an answer without errors to a GET, and compares the ETag
 * with `If-None-Match`.
 * @returns true if the client already has this answer, so that 304 is enough
 */
export function setCacheHeaders(
  request: FastifyRequest,
  reply: FastifyReply,
  body: string,
  { cache, freshForMs }: OperationContext,
): boolean {
  const lifeMs = freshForMs();
  if (request.method === "POST" || lifeMs === null) return false;
  // A trace and debug information about the cache belong to one reading only, so they must not be kept.
  if (cache.isShown || request.headers[TRACE_HEADER] !== undefined) return false;
  // Weak, because the compressed answer has the same ETag.
  const tag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  reply.headers({ "cache-control": `private, max-age=${Math.floor(lifeMs / 1000)}`, etag: `W/${tag}` });
  return isAmong(tag, request.headers["if-none-match"]);
}

/** The weak comparison of RFC 9110, 8.8.3.2 and 13.1.2. */
function isAmong(tag: string, ifNoneMatch: string | undefined): boolean {
  const known: readonly string[] = ifNoneMatch?.match(/"[^"]*"/g) ?? [];
  return ifNoneMatch?.trim() === "*" || known.includes(tag);
}
