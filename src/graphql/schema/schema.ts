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

const QUERY_DESCRIPTION = "The entry points for reading.";

const SUBSCRIPTION_DESCRIPTION = "Live updates, over graphql-ws and graphql-sse.";

const LINK = parse(
  `extend schema @link(
    url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@cost", "@listSize"]
  )`,
);

/** The directives that {@link LINK} imports; plain SDL has no definition of them. */
const FEDERATION_DIRECTIVES: ReadonlySet<string> = new Set(["key", "shareable", "cost", "listSize"]);

/** type-graphql requires it for subscriptions. The gateway's subscriptions read the log themselves. */
const noPubSub: PubSub = {
  publish: () => undefined,
  subscribe: () => {
    throw new Error("The gateway does not use type-graphql's PubSub.");
  },
};

// `skipCheck`: the schema lacks the definitions of federation's directives, so it is not valid by itself.
const base = describeRoots(
  buildSchemaSync({
    resolvers: [TrainingJobResolver, TrainingJobEventConnectionResolver, TrainingJobEventsResolver],
    validate: false,
    skipCheck: true,
    pubSub: noPubSub,
  }),
);

const baseDocument = getDocumentNodeFromSchema(base);

/**
 * Only for clients, which see error codes in `extensions`. In a supergraph no field uses the enum, and its name can
 * collide.
 */
const errorCodeDocument = getDocumentNodeFromSchema(new GraphQLSchema({ types: [GatewayErrorCodeType] }));

/** The schema as SDL for the composition of a supergraph. */
export const subgraphSdl: string = `${print(concatAST([LINK, baseDocument]))}\n`;

/** The schema as standard SDL for clients and their compilers, without `@link` and `@key`. */
export const clientSdl: string = `${print(concatAST([withoutFederation(baseDocument), errorCodeDocument]))}\n`;

/** The subgraph of a gateway that serves a single project, where the ID alone identifies a job. */
export const oneProjectSdl: string = subgraphSdl.replace(
  "type TrainingJob @key",
  'type TrainingJob @key(fields: "id") @key',
);

/** The subgraph for a supergraph in which another subgraph has `Query.trainingJob`: entities without root fields. */
export const entitiesOnlySdl: string = `${print(concatAST([LINK, withoutRoots(baseDocument)]))}\n`;

/** The schema that requests run against: a federation v2 subgraph. */
export const schema: GraphQLSchema = asSubgraph(base, subgraphSdl);

/** The schema for a value of SINGLE_PROJECT. The two schemas differ in the SDL of `_service`. */
export function schemaFor(singleProject: boolean): GraphQLSchema {
  return singleProject ? asSubgraph(base, oneProjectSdl) : schema;
}

/** Adds the descriptions of the root types, which type-graphql cannot declare. */
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

/** Removes the root types and the type that only the subscription uses. */
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
