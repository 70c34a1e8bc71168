import "reflect-metadata";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { getDocumentNodeFromSchema } from "@graphql-tools/utils";
import {
  concatAST,
  type DocumentNode,
  type GraphQLFieldConfig,
  GraphQLObjectType,
  type GraphQLScalarType,
  GraphQLSchema,
  isObjectType,
  parse,
  print,
  visit,
} from "graphql";
import { buildSchemaSync, type PubSub } from "type-graphql";
import { type OperationContext } from "../context.js";
import { describeFederation } from "./describe-federation.js";
import { resolveEntities } from "./resolvers/entities.js";
import { TrainingJobEventsResolver } from "./resolvers/training-job-events.js";
import { TrainingJobResolver } from "./resolvers/training-job.js";
import { DateTime } from "./types/date-time.js";
import { GatewayErrorCodeType } from "./types/gateway-error-code.js";

type FieldResolvers = Pick<GraphQLFieldConfig<unknown, OperationContext>, "resolve" | "subscribe">;
type ObjectResolvers = Record<string, Record<string, FieldResolvers>>;

const QUERY_DESCRIPTION = "Where every read starts.";

const SUBSCRIPTION_DESCRIPTION =
  "What is told as it happens; over graphql-ws at the graph's own path, and over graphql-sse at `/stream` below it.";

const LINK = parse(
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable"])',
);

/** The directives that {@link LINK} imports; plain SDL has no definition of them. */
const FEDERATION_DIRECTIVES: ReadonlySet<string> = new Set(["key", "shareable"]);

/** Demanded by type-graphql as soon as there is a subscription; ours reads for itself. */
const noPubSub: PubSub = {
  publish: () => undefined,
  subscribe: () => {
    throw new Error("Nothing is published.");
  },
};

// `skipCheck`: without federation's directives the schema is not valid by itself yet.
const base = describeRoots(
  buildSchemaSync({
    resolvers: [TrainingJobResolver, TrainingJobEventsResolver],
    validate: false,
    skipCheck: true,
    pubSub: noPubSub,
  }),
);

const baseDocument = getDocumentNodeFromSchema(base);

const typeDefs = concatAST([LINK, baseDocument]);

/** The schema that requests run against: a federation v2 subgraph. */
export const schema: GraphQLSchema = buildSubgraphSchema([{ typeDefs, resolvers: resolversOf(base) }]);
describeFederation(schema);

/** The schema as SDL for those who compose a supergraph. */
export const subgraphSdl: string = `${print(typeDefs)}\n`;

/** The schema as standard SDL for clients and their compilers, which need not know `@link` and `@key`. */
export const clientSdl: string = `${print(withoutFederation(baseDocument))}\n`;

/** Adds what type-graphql has no way to say: a root type's description, and an enum that no field has. */
function describeRoots(built: GraphQLSchema): GraphQLSchema {
  const config = built.toConfig();
  if (!config.query || !config.subscription) throw new Error("The schema lacks a root type.");
  const query = new GraphQLObjectType({ ...config.query.toConfig(), description: QUERY_DESCRIPTION });
  const subscription = new GraphQLObjectType({
    ...config.subscription.toConfig(),
    description: SUBSCRIPTION_DESCRIPTION,
  });
  const others = config.types.filter((type) => type !== config.query && type !== config.subscription);
  const types = [query, subscription, ...others, GatewayErrorCodeType];
  return new GraphQLSchema({ ...config, query, subscription, types });
}

/** Enums need no resolvers: their values inside the gateway are their names. */
function resolversOf(built: GraphQLSchema): Record<string, GraphQLScalarType | ObjectResolvers[string]> {
  const objects: ObjectResolvers = {};
  for (const type of Object.values(built.getTypeMap()).filter(isObjectType)) {
    if (type.name.startsWith("__")) continue;
    objects[type.name] = Object.fromEntries(
      Object.values(type.getFields()).map(({ name, resolve, subscribe }) => [
        name,
        { ...(resolve && { resolve }), ...(subscribe && { subscribe }) },
      ]),
    );
  }
  return { ...objects, DateTime, Query: { ...objects.Query, _entities: { resolve: resolveEntities } } };
}

function withoutFederation(document: DocumentNode): DocumentNode {
  return visit(document, {
    Directive: (node) => (FEDERATION_DIRECTIVES.has(node.name.value) ? null : undefined),
  });
}
