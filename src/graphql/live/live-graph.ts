import { type ApolloServer } from "@apollo/server";
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from "graphql";
import { asError } from "../../errors.js";
import { type LiveContext, type OperationContext, type ValidOperation } from "../context.js";
import { causeOf, errorFormatter, type FaultListener, firstCode, isFault } from "../format-error.js";
import { writeResult } from "../plan/compiled-responses.js";
import { BatchWriters } from "./batch-writers.js";
import { type LiveCall, type LiveRequest, LiveResult, type LiveRun, type RunLive } from "./live-call.js";
import { LogFollowers } from "./log-followers.js";
import { openSubscription } from "./open-subscription.js";
import { type StreamParts } from "./stream-parts.js";

/** The dependencies for operations of live connections. */
export type LiveGraphParts = StreamParts & {
  /** A started Apollo Server with the same schema. */
  readonly apollo: ApolloServer<OperationContext>;
  readonly schema: GraphQLSchema;
  readonly introspection: boolean;
  readonly onFault: FaultListener;
};

/** Thrown if an operation was refused before it ran. */
class Refused extends Error {
  constructor(readonly errors: readonly GraphQLFormattedError[]) {
    super("The operation was refused.");
  }
}

/**
 * Runs queries and subscriptions of live connections. Apollo Server makes all checks before an operation runs, so the
 * same rules apply as for other requests: parsing and its limits, validation, the price, the document store, the format
 * of errors.
 */
export function createLiveGraph(parts: LiveGraphParts): RunLive {
  const { apollo, schema } = parts;
  const format = errorFormatter({ hideNames: !parts.introspection });
  const formatOf = (error: unknown, context: OperationContext | null): GraphQLFormattedError => {
    if (isFault(error)) parts.onFault(causeOf(error), context);
    const formatted = error instanceof GraphQLError ? error.toJSON() : { message: "" };
    return format(formatted, error);
  };

  const streams = {
    ...parts,
    followers: new LogFollowers(parts),
    writers: new BatchWriters(schema, formatOf),
  };

  /** Runs the operation in Apollo Server. @returns a subscription that may run; null if the answer was sent */
  async function admit(
    request: LiveRequest,
    call: LiveCall,
    context: OperationContext,
  ): Promise<ValidOperation | null> {
    const { query, operationName, variables, extensions } = request;
    const admitted: ValidOperation[] = [];
    const contextValue: LiveContext = {
      ...context,
      live: {
        onSubscription: (subscription) => {
          admitted.push(subscription);
        },
      },
    };
    const { body } = await apollo.executeOperation(
      {
        ...(query !== "" && { query }),
        ...(typeof operationName === "string" && { operationName }),
        ...(variables && { variables }),
        ...(extensions && { extensions }),
      },
      { contextValue },
    );
    if (body.kind !== "single") throw new Error("Apollo Server returned an incremental answer.");
    const { data, errors } = body.singleResult;
    if (data === undefined && errors) throw new Refused(errors);
    const [subscription = null] = admitted;
    if (subscription !== null) {
      call.onSubscription(subscription.operation.name?.value ?? null);
      return subscription;
    }
    const result = new LiveResult(writeResult(body.singleResult).trimEnd(), 0, null, firstCode(errors));
    await untilReady(call);
    call.send(result);
    return null;
  }

  async function start(request: LiveRequest, call: LiveCall, signal: AbortSignal): Promise<LiveRun | null> {
    let context: OperationContext | null = null;
    try {
      const begun = await call.begin(signal);
      ({ context } = begun);
      let admitted: ValidOperation | null;
      try {
        admitted = await admit(request, call, context);
      } finally {
        begun.end();
      }
      if (signal.aborted) return null;
      if (admitted !== null) {
        return openSubscription(streams, admitted, request.variables ?? {}, call, context, (error) => {
          call.end([formatOf(error, null)]);
        });
      }
      call.end(null);
    } catch (error) {
      if (signal.aborted) return null;
      call.end(error instanceof Refused ? error.errors : [formatOf(asError(error), context)]);
    }
    return null;
  }

  return (request, call) => {
    const starting = new AbortController();
    let run: LiveRun | null = null;
    void start(request, call, starting.signal).then((started) => {
      run = started;
      if (starting.signal.aborted) started?.stop();
    });
    return {
      stop: () => {
        starting.abort();
        run?.stop();
      },
    };
  };
}

async function untilReady(call: LiveCall): Promise<void> {
  while (!call.isReady) {
    await new Promise<void>((resolve) => {
      call.whenReady(resolve);
    });
  }
}
