import { type TypedDocumentNode } from "@graphql-typed-document-node/core";
import { adviceFor } from "./errors/advice.js";
import { pause } from "./follow/pause.js";
import { AllEventsDocument, type AllEventsQuery, type AllEventsQueryVariables } from "./generated/graphql.js";

type Connection = NonNullable<NonNullable<AllEventsQuery["trainingJob"]>["events"]>;

/** Runs a query with any client and gives its data; throws the client's own error where the answer has errors. */
export type Execute = <Data, Variables extends object>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
) => Promise<Data>;

/** Some consecutive events of a log that is walked. */
export type WalkedPage = {
  readonly edges: Connection["edges"];
  /** How many events were given so far, these included. */
  readonly done: number;
  /** How many events the log holds under the filter; it may grow while the job writes. */
  readonly total: number;
  /** True where ModelArts removed events between the page before and this one. */
  readonly hasGap: boolean;
};

export type WalkOptions = {
  readonly execute: Execute;
  /** The job, the filter and the order. Default of `order`: OLDEST_FIRST. */
  readonly variables: AllEventsQueryVariables;
  /** Ends the walk without an error. */
  readonly signal?: AbortSignal;
  /** How often in a row a page may fail in a way that may pass. Default: 5. */
  readonly maxRetries?: number;
};

/**
 * Walks a whole log, page by page of 100 events, each event exactly once.
 * @throws the client's error where no retry can help, or after `maxRetries`
 */
export async function* allEvents(options: WalkOptions): AsyncGenerator<WalkedPage, void, undefined> {
  const { execute, signal, maxRetries = 5 } = options;
  let variables: AllEventsQueryVariables = { first: 100, order: "OLDEST_FIRST", ...options.variables };
  let done = 0;
  let failures = 0;
  let hasGap = false;
  while (signal?.aborted !== true) {
    try {
      const page = eventsOf(await execute(AllEventsDocument, variables));
      failures = 0;
      done += page.edges.length;
      yield { edges: page.edges, done, total: Math.max(done, page.totalCount), hasGap };
      hasGap = false;
      if (!page.pageInfo.hasNextPage) return;
      variables = { ...variables, after: page.pageInfo.endCursor };
    } catch (failure) {
      const advice = adviceFor(failure, failures);
      failures += 1;
      if (failures > maxRetries) throw failure;
      if (advice.action === "retry") await pause(advice.afterMs, signal);
      else if (advice.action === "resume") {
        variables = { ...variables, after: advice.cursor };
        hasGap = true;
      } else throw failure;
    }
  }
}

function eventsOf({ trainingJob }: AllEventsQuery): Connection {
  const events = trainingJob?.events;
  if (!events) throw new Error("The answer has no events and no error: the client must throw on errors.");
  return events;
}
