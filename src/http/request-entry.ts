import { type IncomingMessage, type RequestListener } from "node:http";
import { publish } from "../observability/request-channels.js";
import { type FastPathHandler } from "./fast-path-handler.js";
import { RequestScope, type ScopeParts } from "./request/request-scope.js";

/** The entry of the server. It identifies each request once, and passes it to the fast path or to Fastify. */
export type RequestEntry = {
  /** Returns a listener that runs before Fastify's listener. */
  readonly wrap: (fastify: RequestListener) => RequestListener;
};

/**
 * The property of a request with its scope. A WeakMap from request to scope takes 20 % more CPU for each request, because
 * its entries survive minor garbage collections, and each entry keeps all pages of its operation.
 */
const SCOPE = Symbol("scope");

type Scoped = IncomingMessage & { [SCOPE]?: RequestScope };

/** @param fastHandler null if the fast path is off */
export function createRequestEntry(
  parts: ScopeParts,
  fastHandler: FastPathHandler | null,
  isDraining: () => boolean,
): RequestEntry {
  const { requests } = parts.metrics;
  return {
    wrap: (fastify) => (request, response) => {
      requests.addInFlight(1);
      publish("gateway:http:request-start", { request });
      const scope = new RequestScope(parts, request, response);
      (request as Scoped)[SCOPE] = scope;
      const passToFastify = (): void => {
        fastify(request, response);
      };
      if (fastHandler === null || isDraining() || !fastHandler.take(scope, response, passToFastify))
        passToFastify();
    },
  };
}

/** The scope of a request that {@link createRequestEntry} has identified. */
export function scopeOf(request: IncomingMessage): RequestScope {
  const { [SCOPE]: scope } = request as Scoped;
  if (scope === undefined) throw new Error("The request has no scope.");
  return scope;
}
