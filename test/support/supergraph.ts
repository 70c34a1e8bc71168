import { composeServices } from "@apollo/composition";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { type DocumentNode, parse } from "graphql";

/** A subgraph of another team, in one supergraph with the gateway. */
export type OtherSubgraph = Required<SubgraphModule> & { readonly name: string };

type SubgraphModule = Exclude<
  Extract<Parameters<typeof buildSubgraphSchema>[0], unknown[]>[number],
  DocumentNode
>;

/** Knows jobs by their ID alone and contributes their project; has a PageInfo and general input names of its own. */
export const BILLING: OtherSubgraph = {
  name: "billing",
  typeDefs: parse(`
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
    type Query { dearestJob: TrainingJob! invoices: InvoiceConnection! }
    type TrainingJob @key(fields: "id") { id: ID! projectId: ID! @shareable cost: Float! }
    input PageInput { first: Int after: String }
    input TimeRange { from: String! to: String! }
    enum GatewayErrorCode { TIMEOUT }
    extend type Query { invoicesOf(page: PageInput, time: TimeRange): GatewayErrorCode }
    type InvoiceConnection { pageInfo: PageInfo! }
    type PageInfo @shareable {
      hasNextPage: Boolean!
      hasPreviousPage: Boolean!
      startCursor: String
      endCursor: String
    }
  `),
  resolvers: {
    Query: { dearestJob: () => ({ id: "job-dear", projectId: "project-dear" }) },
    TrainingJob: {
      __resolveReference: ({ id }: { id: string }) => ({ id, projectId: `project of ${id}` }),
      cost: ({ id }: { id: string }) => id.length,
    },
  },
};

/** Knows jobs by their ID and project. */
export const REGISTRY: OtherSubgraph = {
  name: "registry",
  typeDefs: parse(`
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
    type Query { latestJob: TrainingJob! }
    type TrainingJob @key(fields: "id projectId") { id: ID! projectId: ID! owner: String! }
  `),
  resolvers: {
    Query: { latestJob: () => ({ id: "job-late", projectId: "project-late" }) },
    TrainingJob: {
      __resolveReference: (reference: object) => reference,
      owner: ({ id, projectId }: { id: string; projectId: string }) => `owner of ${id} in ${projectId}`,
    },
  },
};

/** The team that has jobs itself, and so `Query.trainingJob`. */
export const OWNER: OtherSubgraph = {
  name: "owner",
  typeDefs: parse(`
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
    type Query { trainingJob(id: ID!, projectId: ID): TrainingJob }
    type TrainingJob @key(fields: "id projectId") { id: ID! projectId: ID! name: String! }
  `),
  resolvers: {
    Query: { trainingJob: ({ id }: { id: string }) => ({ id, projectId: "owned" }) },
    TrainingJob: { __resolveReference: (reference: object) => reference, name: () => "a job" },
  },
};

/** A subgraph and its URL. */
export type Service = { readonly name: string; readonly typeDefs: DocumentNode; readonly url: string };

const QUIET = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Serves another team's subgraph over HTTP. */
export async function serveSubgraph({
  name,
  typeDefs,
  resolvers,
}: OtherSubgraph): Promise<Service & { readonly stop: () => Promise<void> }> {
  const server = new ApolloServer({
    schema: buildSubgraphSchema([{ typeDefs, resolvers }]),
    logger: QUIET,
    plugins: [ApolloServerPluginInlineTraceDisabled(), ApolloServerPluginUsageReportingDisabled()],
  });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: "127.0.0.1" } });
  return { name, typeDefs, url, stop: () => server.stop() };
}

/** A router over running subgraphs. */
export async function startRouter(
  subgraphs: readonly Service[],
  plugins: ApolloServerPlugin[] = [],
): Promise<ApolloServer> {
  const composed = composeServices([...subgraphs]);
  if (composed.errors) throw new AggregateError(composed.errors, "The subgraphs do not compose.");
  const router = new ApolloServer({
    gateway: new ApolloGateway({ supergraphSdl: composed.supergraphSdl, logger: QUIET }),
    logger: QUIET,
    plugins,
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
  });
  await router.start();
  return router;
}
