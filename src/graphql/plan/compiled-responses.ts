import {
  type ApolloServerPlugin,
  type GraphQLRequestContextDidResolveOperation,
  HeaderMap,
} from "@apollo/server";
import { type FormattedExecutionResult, type GraphQLSchema } from "graphql";
import { checkCost } from "../cost/operation-cost.js";
import { type OperationContext, type ValidOperation } from "../context.js";
import { type FaultListener, isFault } from "../format-error.js";
import { type PlanOf } from "./plan.js";
import { type NoPlanReason } from "./unplannable.js";

type Resolved = GraphQLRequestContextDidResolveOperation<OperationContext>;

/** `data` that a plan has already written as JSON. */
class WrittenData {
  readonly [field: string]: unknown;

  constructor(readonly text: string) {}

  /** Used for answers inside a larger message, which {@link writeResult} does not write. */
  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** No status and no headers in addition to those of Apollo Server. */
export const NO_HEAD = { headers: new HeaderMap() };

/** Writes an answer like Apollo Server, but inserts the JSON of a plan as it is. */
export function writeResult(result: FormattedExecutionResult): string {
  const { data, errors, extensions } = result;
  if (!(data instanceof WrittenData)) return `${JSON.stringify(result)}\n`;
  if (errors === undefined && extensions === undefined) return `{"data":${data.text}}\n`;
  return `{"data":${data.text},${JSON.stringify({ errors, extensions }).slice(1)}\n`;
}

/**
 * The plugin that refuses operations which could cost too much, and that answers operations with a compiled plan.
 * graphql-js executes operations without a plan, and those whose plan failed, because a plan never writes an error.
 * @param maxUpstreamCalls the maximum number of upstream calls that an operation may need; others are refused before they
 *   read
 * @param onFault called if a plan failed because of a fault of the gateway and graphql-js then succeeded
 * @param onUnplanned called for each operation without a plan
 */
export function compiledResponses(
  schema: GraphQLSchema,
  maxUpstreamCalls: number,
  planOf: PlanOf,
  onFault: FaultListener,
  onUnplanned: (reason: NoPlanReason) => void,
): ApolloServerPlugin<OperationContext> {
  /** The function that answers by a plan; null if there is no plan, or if graphql-js must report an error. */
  const admitPlan = (
    { contextValue, request }: Resolved,
    valid: ValidOperation,
    giveUp: (error: unknown) => null,
  ): (() => string | Promise<string>) | null => {
    const planned = planOf(valid);
    if (planned.plan === null) onUnplanned(planned.reason);
    const { plan } = planned;
    const variables = plan?.coerce(request.variables ?? {}) ?? null;
    if (plan === null || variables === null) return null;
    try {
      const admitted = plan.admit(variables, contextValue);
      return () => plan.run(admitted, contextValue);
    } catch (error) {
      return giveUp(error);
    }
  };

  return {
    requestDidStart: () => {
      let write: (() => string | Promise<string>) | null = null;
      let fault: { readonly error: unknown } | null = null;
      const giveUp = (error: unknown): null => {
        if (isFault(error)) fault = { error };
        return null;
      };
      return Promise.resolve({
        didResolveOperation: (resolved) => {
          const { document, operation, request, contextValue, metrics } = resolved;
          // Without an operation, graphql-js reports the mistake in `operationName`.
          if (!operation) return Promise.resolve();
          // A trace shows resolvers, and a plan calls none.
          const isTraced = metrics.captureTraces === true;
          write = isTraced ? null : admitPlan(resolved, { document, operation }, giveUp);
          if (write === null) {
            const variables = request.variables ?? {};
            checkCost({ schema, document, operation, variables, context: contextValue }, maxUpstreamCalls);
          }
          return Promise.resolve();
        },
        responseForOperation: async () => {
          if (write === null) return null;
          try {
            const data = new WrittenData(await write());
            return { http: NO_HEAD, body: { kind: "single", singleResult: { data } } };
          } catch (error) {
            return giveUp(error);
          }
        },
        willSendResponse: ({ response: { body }, contextValue }) => {
          const isReported = body.kind === "single" && body.singleResult.errors !== undefined;
          if (fault !== null && !isReported) onFault(fault.error, contextValue);
          return Promise.resolve();
        },
      });
    },
  };
}
