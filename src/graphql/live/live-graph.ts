import { type ApolloServer } from "@apollo/server";
import {
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  subscribe,
} from "graphql";
import { extensionOf } from "../cache-extension.js";
import {
  type ValidOperation,
  type BeginOperation,
  type CacheReport,
  type LiveContext,
  type OperationContext,
} from "../context.js";
import { type Clock, type StreamPace } from "./follow-log.js";
import { causeOf, errorFormatter, isFault } from "../format-error.js";
import { type LiveResults, OperationFailed, resultsThrough } from "./live-results.js";
import { type FaultListener } from "../fault-reporting.js";

/** What operations run in that come by connections which stay open. */
export type LiveGraphParts = {
  /** Over the same schema, and started. */
  readonly apollo: ApolloServer<OperationContext>;
  readonly schema: GraphQLSchema;
  readonly introspection: boolean;
  readonly onFault: FaultListener;
  readonly clock: Clock;
  readonly pace: StreamPace;
};

/** One operation as a client sends it. */
export type LiveRequest = {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
  readonly extensions?: Record<string, unknown> | null | undefined;
};

/** By whom an operation is asked, and who is told of it. */
type LiveCall = {
  readonly begin: BeginOperation;
  /** Is told when it is known to be a subscription, by its name. */
  readonly onSubscription: (operationName: string | null) => void;
  readonly onBatch: (events: number) => void;
};

/**
 * Runs an operation.
 * @throws OperationFailed, and nothing else, where it cannot begin, or a subscription cannot go on
 */
export type RunLive = (request: LiveRequest, call: LiveCall) => LiveResults;

type Results = AsyncGenerator<FormattedExecutionResult, void>;

/** What becomes known of an operation while it runs. */
type Stream = {
  /** Set once it has turned out to be a subscription that may run. */
  admitted: ValidOperation | null;
  /** What the newest batch was made of. */
  newest: CacheReport;
};

/**
 * Runs queries and subscriptions for connections that stay open. All that is asked of an operation before it runs is
 * left to Apollo Server, so that nothing passes here that would not pass there: parsing and its limits, validation,
 * admission, the store of documents, the form of errors.
 */
export function createLiveGraph(parts: LiveGraphParts): RunLive {
  const { apollo, clock, pace, schema } = parts;
  const format = errorFormatter({ hideNames: !parts.introspection });

  return (request, call) => {
    const ended = new AbortController();
    const results = run(request, call, ended.signal);
    // A generator by itself ends only when what it waits for is there.
    return resultsThrough(
      results,
      () => results.next(),
      () => {
        ended.abort();
      },
    );
  };

  async function* run(request: LiveRequest, call: LiveCall, signal: AbortSignal): Results {
    let context: OperationContext | null = null;
    try {
      const begun = await call.begin(signal);
      context = begun.context;
      const stream: Stream = { admitted: null, newest: context.cache };
      const contextValue = liveContext(context, call, signal, stream);
      try {
        yield* answered(request, contextValue, stream);
      } finally {
        begun.end();
      }
      if (stream.admitted !== null) yield* subscribed(stream.admitted, request, contextValue, stream);
    } catch (error) {
      if (error instanceof OperationFailed) throw error;
      throw new OperationFailed([formatOf(error, context)]);
    }
  }

  function liveContext(
    context: OperationContext,
    { begin, onSubscription, onBatch }: LiveCall,
    signal: AbortSignal,
    stream: Stream,
  ): LiveContext {
    return {
      ...context,
      live: {
        signal,
        begin,
        clock,
        pace,
        onSubscription: (admitted) => {
          stream.admitted = admitted;
          onSubscription(admitted.operation.name?.value ?? null);
        },
        onBatch: (events, cache) => {
          stream.newest = cache;
          onBatch(events);
        },
      },
    };
  }

  /** What Apollo Server answers; of a subscription nothing, unless it is refused. */
  async function* answered(
    { query, operationName, variables, extensions }: LiveRequest,
    contextValue: LiveContext,
    stream: Stream,
  ): Results {
    const { body } = await apollo.executeOperation(
      {
        query,
        ...(typeof operationName === "string" && { operationName }),
        ...(variables && { variables }),
        ...(extensions && { extensions }),
      },
      { contextValue },
    );
    if (body.kind !== "single") throw new Error("The answer came in pieces.");
    const { data, errors } = body.singleResult;
    if (data === undefined && errors) throw new OperationFailed(errors);
    if (stream.admitted === null) yield body.singleResult;
  }

  async function* subscribed(
    { document }: ValidOperation,
    { operationName, variables }: LiveRequest,
    contextValue: LiveContext,
    stream: Stream,
  ): Results {
    const args = { schema, document, operationName, variableValues: variables, contextValue };
    const results = await subscribe(args);
    if (!(Symbol.asyncIterator in results)) throw failed(results, contextValue);
    for await (const { data, errors } of results) {
      if (errors) throw failed({ errors }, contextValue);
      const cache = extensionOf(stream.newest);
      yield { ...(data !== undefined && { data }), ...(cache !== null && { extensions: { cache } }) };
    }
  }

  function failed({ errors = [] }: ExecutionResult, context: OperationContext): OperationFailed {
    return new OperationFailed(errors.map((error) => formatOf(error, context)));
  }

  function formatOf(error: unknown, context: OperationContext | null): GraphQLFormattedError {
    if (isFault(error)) parts.onFault(causeOf(error), context);
    const formatted = error instanceof GraphQLError ? error.toJSON() : { message: "" };
    return format(formatted, error);
  }
}
