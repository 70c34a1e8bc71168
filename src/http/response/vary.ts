import { type FastifyReply } from "fastify";

/** What the answer to an operation depends on, beside what every answer does. */
const OPERATION = ["Accept", "X-Auth-Token", "X-Language", "Accept-Language", "X-Cache-Debug"];

/**
 * Says what an answer at the graph's path depends on. Answers to POST are kept by nobody, so there it is one thing.
 * @param byJwt whether callers are told by their JWT
 */
export function varyAtGraph(reply: FastifyReply, byJwt = false): FastifyReply {
  const wanted = byJwt ? [...OPERATION, "Authorization"] : OPERATION;
  const names = reply.request.method === "POST" ? ["Accept"] : wanted;
  const others = reply.getHeader("vary");
  return reply.header("vary", [...(others === undefined ? [] : [String(others)]), ...names].join(", "));
}
