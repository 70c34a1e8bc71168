import { IncomingMessage, type RequestListener } from "node:http";
import { publish } from "../observability/request-channels.js";
import { type FastLane } from "./fast-lane.js";
import { RequestScope, type ScopeParts } from "./request/request-scope.js";

/** The only way into the server: identifies each request once, and hands it to the fast lane or to Fastify. */
export type Door = {
  /** Puts the door in front of Fastify's own listener. The server has to make requests of {@link ScopedRequest}. */
  readonly before: (fastify: RequestListener) => RequestListener<typeof ScopedRequest>;
};

/**
 * A request that carries its scope. A WeakMap would do, but its entries outlive minor garbage collections, and each
 * holds all pages of its operation: requests cost 20 % more CPU with one.
 */
export class ScopedRequest extends IncomingMessage {
  scope: RequestScope | null = null;
}

/** @param lane null where there is no fast lane */
export function createDoor(parts: ScopeParts, lane: FastLane | null, isDraining: () => boolean): Door {
  return {
    before: (fastify) => (request, response) => {
      publish("gateway:http:request-start", { request });
      const scope = new RequestScope(parts, request, response);
      request.scope = scope;
      const goOn = (): void => {
        fastify(request, response);
      };
      if (lane === null || isDraining() || !lane.take(scope, response, goOn)) goOn();
    },
  };
}

/** The scope of a request that came through the door. */
export function scopeOf(request: IncomingMessage): RequestScope {
  if (request instanceof ScopedRequest && request.scope !== null) return request.scope;
  throw new Error("The request did not come through the door.");
}
