import { type FastifyReply } from "fastify";

/** Says that the answer depends on `Accept`, beside what it is already said to depend on. */
export function varyByAccept(reply: FastifyReply): FastifyReply {
  const others = reply.getHeader("vary");
  return reply.header("vary", others === undefined ? "Accept" : `${String(others)}, Accept`);
}
