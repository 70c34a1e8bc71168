import { defineConfig } from "@graphql-hive/gateway";

const ttl = Number(process.env.TTL_SECONDS ?? 60) * 1000;

export const gatewayConfig = defineConfig({
  ...(process.env.CACHE === "responses"
    ? { cache: { type: "localforage" }, responseCaching: { session: () => null, ttl } }
    : {}),
});
