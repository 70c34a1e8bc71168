import cors from "@fastify/cors";
import { type FastifyInstance } from "fastify";
import { type AllowedOrigins, isAllowedOrigin } from "./origins.js";

/** CORS for the allowed origins. Others get answers without its headers, which their browsers then keep to themselves. */
export async function allowOrigins(app: FastifyInstance, corsOrigins: AllowedOrigins): Promise<void> {
  await app.register(cors, {
    origin: (origin, decided) => {
      decided(null, origin !== undefined && isAllowedOrigin(origin, corsOrigins));
    },
    methods: ["GET", "HEAD", "POST"],
    allowedHeaders: [
      "content-type",
      "authorization",
      "x-auth-token",
      "x-request-id",
      "x-language",
      "x-cache-debug",
      "accept-language",
      "traceparent",
      "tracestate",
      "apollo-require-preflight",
      "apollographql-client-name",
      "apollographql-client-version",
      "x-apollo-operation-name",
    ],
    exposedHeaders: ["x-request-id"],
    maxAge: 86_400,
    strictPreflight: false,
  });
}
