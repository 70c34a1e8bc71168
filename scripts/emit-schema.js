// Writes the schema as SDL from the built program: for clients without federation's directives, for supergraphs with
// them. `npm run schema` builds first.
import { mkdirSync, writeFileSync } from "node:fs";
import { clientSdl, entitiesOnlySdl, oneProjectSdl, subgraphSdl } from "../dist/graphql/schema/schema.js";

const folder = new URL("../schema/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("client.graphql", folder), clientSdl);
writeFileSync(new URL("schema.graphql", folder), subgraphSdl);
writeFileSync(new URL("one-project.graphql", folder), oneProjectSdl);
writeFileSync(new URL("entities-only.graphql", folder), entitiesOnlySdl);
