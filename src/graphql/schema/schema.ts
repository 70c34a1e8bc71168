import "reflect-metadata";
import { getDocumentNodeFromSchema } from "@graphql-tools/utils";
import {
  assertValidSchema,
  concatAST,
  type DocumentNode,
  GraphQLObjectType,
  GraphQLSchema,
  isObjectType,
  Kind,
  parse,
  print,
  visit,
} from "graphql";
import { buildSchemaSync, type PubSub } from "type-graphql";
import { TrainingJobEventConnectionResolver } from "./resolvers/training-job-event-connection.js";
import { TrainingJobEventsResolver } from "./resolvers/training-job-events.js";
import { TrainingJobResolver } from "./resolvers/training-job.js";
import { federationFields } from "./subgraph.js";
import { GatewayErrorCodeType } from "./types/gateway-error-code.js";

const QUERY_DESCRIPTION = "All reads start here.";

const SUBSCRIPTION_DESCRIPTION = "Live updates, over graphql-ws and graphql-sse.";

const LINK = parse(
  `extend schema @link(
    url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@cost", "@listSize"]
  )`,
);

/** The directives that {@link LINK} imports; plain SDL has no definition of them. */
const FEDERATION_DIRECTIVES: ReadonlySet<string> = new Set(["key", "shareable", "cost", "listSize"]);

/** type-graphql demands it for subscriptions; ours read the log themselves. */
const noPubSub: PubSub = {
  publish: () => undefined,
  subscribe: () => {
    throw new Error("Nothing is published.");
  },
};

// `skipCheck`: without federation's directives the schema is not valid by itself.
const base = describeRoots(
  buildSchemaSync({
    resolvers: [TrainingJobResolver, TrainingJobEventConnectionResolver, TrainingJobEventsResolver],
    validate: false,
    skipCheck: true,
    pubSub: noPubSub,
  }),
);

const baseDocument = getDocumentNodeFromSchema(base);

/** Clients see error codes in `extensions`; in a supergraph the enum is unreachable, and other subgraphs use its name. */
const errorCodeDocument = getDocumentNodeFromSchema(new GraphQLSchema({ types: [GatewayErrorCodeType] }));

/** The schema as SDL for those who compose a supergraph. */
export const subgraphSdl: string = `${print(concatAST([LINK, baseDocument]))}\n`;

/** The schema as standard SDL for clients and their compilers, without `@link` and `@key`. */
export const clientSdl: string = `${print(concatAST([withoutFederation(baseDocument), errorCodeDocument]))}\n`;

/** The subgraph where a gateway serves a single project, so that a job's ID alone identifies it. */
export const oneProjectSdl: string = subgraphSdl.replace(
  "type TrainingJob @key",
  'type TrainingJob @key(fields: "id") @key',
);

/** The subgraph where another subgraph has `Query.trainingJob`: entities without root fields. */
export const entitiesOnlySdl: string = `${print(concatAST([LINK, withoutRoots(baseDocument)]))}\n`;

/** The schema that requests run against: a federation v2 subgraph. */
export const schema: GraphQLSchema = asSubgraph(base, subgraphSdl);

/** The schema as the setting SINGLE_PROJECT wants it; they differ in the SDL of `_service`. */
export function schemaFor(singleProject: boolean): GraphQLSchema {
  return singleProject ? asSubgraph(base, oneProjectSdl) : schema;
}

/** Adds what type-graphql cannot declare: descriptions of the root types. */
function describeRoots(built: GraphQLSchema): GraphQLSchema {
  const config = built.toConfig();
  if (!config.query || !config.subscription) throw new Error("The schema lacks a root type.");
  const query = new GraphQLObjectType({ ...config.query.toConfig(), description: QUERY_DESCRIPTION });
  const subscription = new GraphQLObjectType({
    ...config.subscription.toConfig(),
    description: SUBSCRIPTION_DESCRIPTION,
  });
  const others = config.types.filter((type) => type !== config.query && type !== config.subscription);
  const types = [query, subscription, ...others];
  return new GraphQLSchema({ ...config, query, subscription, types });
}

function asSubgraph(described: GraphQLSchema, sdl: string): GraphQLSchema {
  const config = described.toConfig();
  const entity = described.getType("TrainingJob");
  if (!config.query || !isObjectType(entity)) throw new Error("The schema lacks a type.");
  const own = config.query.toConfig();
  const fields = { ...own.fields, ...federationFields(entity, sdl) };
  const query = new GraphQLObjectType({ ...own, fields });
  const types = config.types.filter((type) => type !== config.query);
  const subgraph = new GraphQLSchema({ ...config, query, types: [query, ...types] });
  assertValidSchema(subgraph);
  return subgraph;
}

/** Without the root types, and the type that only the subscription has. */
function withoutRoots(document: DocumentNode): DocumentNode {
  const roots: ReadonlySet<string> = new Set(["Query", "Subscription", "TrainingJobEventBatch"]);
  const definitions = document.definitions.filter(
    (definition) =>
      definition.kind !== Kind.SCHEMA_DEFINITION &&
      !(definition.kind === Kind.OBJECT_TYPE_DEFINITION && roots.has(definition.name.value)),
  );
  return { ...document, definitions };
}

function withoutFederation(document: DocumentNode): DocumentNode {
  return visit(document, {
    Directive: (node) => (FEDERATION_DIRECTIVES.has(node.name.value) ? null : undefined),
  });
}
