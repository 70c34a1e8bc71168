import {
  type ApolloServerPlugin,
  type GraphQLRequestContextDidResolveOperation,
  HeaderMap,
} from "@apollo/server";
import { type FormattedExecutionResult, type GraphQLSchema } from "graphql";
import { checkCost } from "../operation-cost.js";
import { type OperationContext, type ValidOperation } from "../context.js";
import { isFault } from "../format-error.js";
import { type FaultListener } from "../fault-reporting.js";
import { type PlanOf } from "./plan.js";
import { type NoPlanReason } from "./unplannable.js";

type Resolved = GraphQLRequestContextDidResolveOperation<OperationContext>;

/** `data` as a plan wrote it: JSON already. */
class WrittenData {
  readonly [field: string]: unknown;

  constructor(readonly text: string) {}

  /** For answers that {@link writeResult} does not write: they are a part of a larger message. */
  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** Nothing beside what Apollo Server sends anyway. */
export const NO_HEAD = { headers: new HeaderMap() };

/** Writes an answer as Apollo Server would, but what is written already. */
export function writeResult(result: FormattedExecutionResult): string {
  const { data, errors, extensions } = result;
  if (!(data instanceof WrittenData)) return `${JSON.stringify(result)}\n`;
  if (errors === undefined && extensions === undefined) return `{"data":${data.text}}\n`;
  return `{"data":${data.text},${JSON.stringify({ errors, extensions }).slice(1)}\n`;
}

/**
 * The plugin that refuses operations which could cost too much, and answers those by compiled plans that have one;
 * graphql-js executes what has none or fails in one: a plan never words an error.
 * @param maxUpstreamCalls more possible upstream calls than this, and an operation is refused before it reads
 * @param onFault is called where a plan failed by a fault of the gateway, and graphql-js did not fail
 * @param onUnplanned is called for each operation that has no plan
 */
export function compiledResponses(
  schema: GraphQLSchema,
  maxUpstreamCalls: number,
  planOf: PlanOf,
  onFault: FaultListener,
  onUnplanned: (reason: NoPlanReason) => void,
): ApolloServerPlugin<OperationContext> {
  /** How a plan will answer; null where there is none, or where it is for graphql-js to say what is wrong. */
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
          const { document, operation, request, contextValue } = resolved;
          // Without an operation graphql-js says what is wrong with `operationName`.
          if (!operation) return Promise.resolve();
          write = admitPlan(resolved, { document, operation }, giveUp);
          if (write === null) {
            const variables = request.variables ?? {};
            checkCost({ schema, document, operation, variables, scope: contextValue }, maxUpstreamCalls);
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
          const isToldOf = body.kind === "single" && body.singleResult.errors !== undefined;
          if (fault !== null && !isToldOf) onFault(fault.error, contextValue);
          return Promise.resolve();
        },
      });
    },
  };
}
