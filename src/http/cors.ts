import cors from "@fastify/cors";
import { type FastifyInstance, type FastifyRequest } from "fastify";
import { type AllowedOrigins, isAllowedOrigin } from "./origins.js";

/** The request headers that the gateway, GraphQL clients and tracers use. */
const KNOWN_HEADERS = [
  "content-type",
  "authorization",
  "x-auth-token",
  "x-request-id",
  "x-language",
  "x-cache-debug",
  "accept-language",
  "cache-control",
  "last-event-id",
  "traceparent",
  "tracestate",
  "baggage",
  "sentry-trace",
  "apollo-require-preflight",
  "apollographql-client-name",
  "apollographql-client-version",
  "x-apollo-operation-name",
];
const ALLOW_HEADERS = "access-control-allow-headers";
/** The maximum number of other headers in a preflight request. */
const OTHERS_MAX = 50;
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

/** CORS for the allowed origins. Answers to other origins have no CORS headers, so browsers hide these answers. */
export async function allowOrigins(app: FastifyInstance, corsOrigins: AllowedOrigins): Promise<void> {
  await app.register(cors, {
    // A function, so that each answer has `Vary: Origin`.
    origin: (origin, allow) => {
      allow(null, origin !== undefined && isAllowedOrigin(origin, corsOrigins));
    },
    methods: ["GET", "HEAD", "POST"],
    allowedHeaders: KNOWN_HEADERS,
    exposedHeaders: ["x-request-id", "retry-after", "ratelimit", "ratelimit-policy", "server-timing"],
    maxAge: 86_400,
    strictPreflight: false,
  });
  // The library's delegator could add them, but it would make the options above anew for each request of any method.
  app.addHook("onSend", (request, reply, _payload, done) => {
    if (request.method === "OPTIONS" && reply.hasHeader(ALLOW_HEADERS)) {
      reply.header(ALLOW_HEADERS, allowedHeaders(request).join(", "));
    }
    done();
  });
}

/** The known headers, and those that an allowed origin lists in its preflight request. */
function allowedHeaders(preflight: FastifyRequest): string[] {
  const asked = preflight.headers["access-control-request-headers"];
  if (asked === undefined) return KNOWN_HEADERS;
  const names = asked.split(",", OTHERS_MAX).map((name) => name.trim().toLowerCase());
  return [...new Set([...KNOWN_HEADERS, ...names.filter((name) => HEADER_NAME.test(name))])];
}
