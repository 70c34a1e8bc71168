import { IncomingMessage, type RequestListener } from "node:http";
import { publish } from "../observability/request-channels.js";
import { type FastPathHandler } from "./fast-path-handler.js";
import { RequestScope, type ScopeParts } from "./request/request-scope.js";

/** The entry of the server. It identifies each request once, and passes it to the fast path or to Fastify. */
export type Door = {
  /** Returns a listener that runs before Fastify's listener. The server must create {@link ScopedRequest}s. */
  readonly before: (fastify: RequestListener) => RequestListener<typeof ScopedRequest>;
};

/**
 * A request with its scope. A WeakMap from request to scope takes 20 % more CPU for each request, because its entries
 * survive minor garbage collections, and each entry keeps all pages of its operation.
 */
export class ScopedRequest extends IncomingMessage {
  scope: RequestScope | null = null;
}

/** @param fastHandler null if the fast path is off */
export function createDoor(
  parts: ScopeParts,
  fastHandler: FastPathHandler | null,
  isDraining: () => boolean,
): Door {
  const { requests } = parts.metrics;
  return {
    before: (fastify) => (request, response) => {
      requests.addInFlight(1);
      publish("gateway:http:request-start", { request });
      const scope = new RequestScope(parts, request, response);
      request.scope = scope;
      const goOn = (): void => {
        fastify(request, response);
      };
      if (fastHandler === null || isDraining() || !fastHandler.take(scope, response, goOn)) goOn();
    },
  };
}

/** The scope of a request that {@link createDoor} has identified. */
export function scopeOf(request: IncomingMessage): RequestScope {
  if (request instanceof ScopedRequest && request.scope !== null) return request.scope;
  throw new Error("The request has no scope.");
}
