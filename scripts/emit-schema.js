// Writes the schema as SDL from the built program: for supergraphs with the federation directives, for clients
// without. `npm run schema` builds first.
import { mkdirSync, writeFileSync } from "node:fs";
import { clientSdl, subgraphSdl } from "../dist/graphql/schema/schema.js";

const folder = new URL("../schema/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("schema.graphql", folder), subgraphSdl);
writeFileSync(new URL("client.graphql", folder), clientSdl);
