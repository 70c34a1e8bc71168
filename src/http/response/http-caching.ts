import { createHash } from "node:crypto";
import { type FastifyReply, type FastifyRequest } from "fastify";
import { type OperationContext } from "../../graphql/context.js";

/**
 * Lets the client keep an answer without errors to a GET for as long as it is true, and says whether it has the very
 * same already. Nobody else may keep it.
 * @returns true where there is no need to send it again
 */
export function setCacheHeaders(
  request: FastifyRequest,
  reply: FastifyReply,
  body: string,
  { cache, freshForMs }: OperationContext,
): boolean {
  const lifeMs = freshForMs();
  // What was read once for the caller's own eyes says nothing of the next reading.
  if (request.method === "POST" || lifeMs === null || cache.isShown) return false;
  // Weak: what is compressed has the same one.
  const tag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  reply.headers({ "cache-control": `private, max-age=${Math.floor(lifeMs / 1000)}`, etag: `W/${tag}` });
  return isAmong(tag, request.headers["if-none-match"]);
}

/** The weak comparison of RFC 9110, 8.8.3.2 and 13.1.2. */
function isAmong(tag: string, ifNoneMatch: string | undefined): boolean {
  const known: readonly string[] = ifNoneMatch?.match(/"[^"]*"/g) ?? [];
  return ifNoneMatch?.trim() === "*" || known.includes(tag);
}
