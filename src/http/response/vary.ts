import { type FastifyReply } from "fastify";
import { TRACE_HEADER } from "../../graphql/inline-trace.js";

/** The request headers on which the answer to an operation depends, in addition to those of all answers. */
const OPERATION = ["Accept", "X-Auth-Token", "X-Language", "Accept-Language", "X-Cache-Debug", TRACE_HEADER];

/**
 * Sets `Vary` of an answer at the GraphQL path. Caches do not keep answers to POST, so these list only `Accept`.
 * @param byJwt whether JWTs identify callers
 */
export function varyAtGraph(reply: FastifyReply, byJwt = false): FastifyReply {
  const wanted = byJwt ? [...OPERATION, "Authorization"] : OPERATION;
  const names = reply.request.method === "POST" ? ["Accept"] : wanted;
  const others = reply.getHeader("vary");
  return reply.header("vary", [...(others === undefined ? [] : [String(others)]), ...names].join(", "));
}
