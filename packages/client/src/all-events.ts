import { type TypedDocumentNode } from "@graphql-typed-document-node/core";
import { adviceFor } from "./errors/advice.js";
import { pause } from "./follow/pause.js";
import { AllEventsDocument, type AllEventsQuery, type AllEventsQueryVariables } from "./generated/graphql.js";

type Connection = NonNullable<NonNullable<AllEventsQuery["trainingJob"]>["events"]>;

/** Runs a query with any client and returns its data. It must throw the client's own error if the answer has errors. */
export type Execute = <Data, Variables extends object>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
) => Promise<Data>;

/** Consecutive events of a walk over a log. */
export type WalkedPage = {
  readonly edges: Connection["edges"];
  /** The number of events that the walk has returned so far, including these. */
  readonly done: number;
  /** The number of all events that match the filter. It can grow while the job writes. */
  readonly total: number;
  /** True if ModelArts removed events between the previous page and this one. */
  readonly hasGap: boolean;
};

export type WalkOptions = {
  readonly execute: Execute;
  /** The job, the filter and the order. Default of `order`: OLDEST_FIRST. */
  readonly variables: AllEventsQueryVariables;
  /** Ends the walk without an error. */
  readonly signal?: AbortSignal;
  /** The maximum number of retries of one page after temporary failures. Default: 5. */
  readonly maxRetries?: number;
};

/**
 * Reads a whole log in pages of 100 events. It returns each event exactly once.
 * @throws the client's error if a retry cannot help, or after `maxRetries`
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
