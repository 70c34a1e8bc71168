import { type ApolloServer, HeaderMap } from "@apollo/server";
import { type FormattedExecutionResult, type GraphQLFormattedError } from "graphql";
import { createApolloServer } from "../../src/graphql/apollo.js";
import { type OperationContext } from "../../src/graphql/context.js";
import { createPlanner } from "../../src/graphql/plan/plan.js";
import { memoizeReads } from "../../src/graphql/memoized-reads.js";
import { schema } from "../../src/graphql/schema/schema.js";
import { type PageRequest } from "../../src/paging/arguments.js";
import { type EventPage } from "../../src/paging/connection.js";
import { parseFilter } from "../../src/paging/filter.js";
import { type JobRef } from "../../src/paging/job.js";

/** One page with one event, as the layers below GraphQL return it. */
export const ONE_EVENT: EventPage = connectionOf({
  id: "event-1",
  time: "2024-05-01T09:30:00Z",
  level: "INFO",
  source: "JOB",
  levelText: "Info",
  sourceText: "Job",
  message: "Training job is running.",
});

function connectionOf(node: EventPage["nodes"][number]): EventPage {
  return {
    edges: [{ cursor: "cursor-1", node }],
    nodes: [node],
    pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: "cursor-1", endCursor: "cursor-1" },
    totalCount: 27,
    asOf: "2024-05-01T09:30:01.000Z",
    isStale: false,
    list: {
      job: { projectId: "demo-project", jobId: "job" },
      filter: parseFilter(null),
      totals: [27],
      asOfMs: 0,
      tails: null,
    },
  };
}

/** Counts nothing. */
export const NO_COUNTS: OperationContext["counts"] = {
  byLevel: () => [],
  bySource: () => [],
  byTime: () => [],
};

/** A GraphQL server over a stub of the layers below, with a record of its requests. */
export type Graph = {
  readonly apollo: ApolloServer<OperationContext>;
  readonly context: OperationContext;
  /** The requests to the stub, in order. */
  readonly reads: { readonly job: JobRef; readonly request: PageRequest; readonly withCursors: boolean }[];
  readonly faults: unknown[];
  /** Why operations had no plan, in order. */
  readonly unplanned: string[];
  post(body: unknown, accept?: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  get(search: Readonly<Record<string, string>>, accept?: string): Promise<Answer>;
};

type Answer = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  readonly data: unknown;
  readonly errors: readonly GraphQLFormattedError[];
  /** The first error, or an empty object that matches no expectation. */
  readonly error: GraphQLFormattedError;
};

export type GraphOptions = {
  readonly introspection?: boolean;
  readonly maxUpstreamCalls?: number;
  readonly defaultProjectId?: string | null;
  readonly singleProject?: boolean;
  readonly readEvents?: OperationContext["readEvents"];
  readonly counts?: OperationContext["counts"];
};

/** Starts a graph; stop it with `apollo.stop()`. */
export async function startGraph(options: GraphOptions = {}): Promise<Graph> {
  const reads: Graph["reads"] = [];
  const faults: unknown[] = [];
  const unplanned: string[] = [];
  const context: OperationContext = {
    requestId: "test",
    language: null,
    seal: () => null,
    jobs: () => [],
    freshForMs: () => 0,
    authorizedUntilMs: Infinity,
    viewer: () => "test",
    cache: { reads: [], isShown: false },
    defaultProjectId: options.defaultProjectId === undefined ? "demo-project" : options.defaultProjectId,
    singleProject: options.singleProject ?? false,
    counts: options.counts ?? NO_COUNTS,
    readEvents: (job, request, needs) => {
      reads.push({ job, request, withCursors: needs.has("cursors") });
      return options.readEvents ? options.readEvents(job, request, needs) : Promise.resolve(ONE_EVENT);
    },
  };
  const silent = () => undefined;
  const { introspection = true, maxUpstreamCalls = 60 } = options;
  const apollo = createApolloServer({
    schema,
    introspection,
    trusted: null,
    maxUpstreamCalls,
    planOf: createPlanner(schema, maxUpstreamCalls),
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    onFault: (fault) => faults.push(fault),
    onUnplanned: (reason) => unplanned.push(reason),
  });
  await apollo.start();

  async function send(
    method: string,
    search: string,
    body: unknown,
    accept: string,
    others: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const headers = new HeaderMap([["accept", accept], ...Object.entries(others)]);
    if (method === "POST") headers.set("content-type", "application/json");
    const response = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method, headers, search, body },
      context: () => Promise.resolve(memoizeReads(context)),
    });
    if (response.body.kind !== "complete") throw new Error("The answer came in pieces.");
    const text = response.body.string;
    const { data, errors = [] } = JSON.parse(text) as FormattedExecutionResult;
    const error = errors[0] ?? { message: "" };
    return { status: response.status ?? 200, headers: response.headers, text, data, errors, error };
  }

  return {
    apollo,
    context,
    reads,
    faults,
    unplanned,
    post: (body, accept = "application/json", headers) => send("POST", "", body, accept, headers),
    get: (search, accept = "application/json") =>
      send("GET", `?${new URLSearchParams(search).toString()}`, undefined, accept),
  };
}
