import { fileURLToPath } from "node:url";
import { defineConfig } from "@graphql-mesh/compose-cli";
import { loadOpenAPISubgraph } from "@omnigraph/openapi";

export const composeConfig = defineConfig({
  subgraphs: [
    {
      sourceHandler: loadOpenAPISubgraph("events", {
        source: fileURLToPath(new URL("./openapi.json", import.meta.url)),
        endpoint: process.env.UPSTREAM,
      }),
    },
  ],
});
