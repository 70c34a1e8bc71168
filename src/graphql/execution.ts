import { type ApolloServerOptionsWithGateway } from "@apollo/server";
import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import { admit } from "./admission.js";
import { type OperationContext } from "./context.js";
import { compilePlan, type Plan } from "./plan.js";
import { remembering } from "./remembering.js";

/** Apollo Server's way to an executor of one's own, made for gateways of many graphs. */
type Gateway = ApolloServerOptionsWithGateway<OperationContext>["gateway"];

/** An operation to be executed, with its variables as the client sent them. */
type Execution = {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: OperationContext;
};

/** `data` as a plan wrote it: JSON already. */
class WrittenData {
  readonly [field: string]: unknown;
  #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Gives the text away, once: Apollo Server's own objects hold on to an answer until the next full collection. */
  take(): string {
    const text = this.#text;
    this.#text = "null";
    return text;
  }
}

/** Writes an answer as Apollo Server would, but what is written already. */
export function writeResult(result: FormattedExecutionResult): string {
  const { data, ...others } = result;
  if (!(data instanceof WrittenData)) return `${JSON.stringify(result)}\n`;
  const rest = JSON.stringify(others).slice(1);
  return `{"data":${data.take()}${rest === "}" ? "" : ","}${rest}\n`;
}

/**
 * Executes operations by compiled plans, and by graphql-js what has no plan or fails in one: a plan never words an
 * error.
 * @param maxUpstreamCalls more possible upstream calls than this, and an operation is refused before it reads
 */
export function planExecution(schema: GraphQLSchema, maxUpstreamCalls: number): Gateway {
  const plans = new WeakMap<OperationDefinitionNode, { readonly plan: Plan | null }>();

  const planOf = (document: DocumentNode, operation: OperationDefinitionNode): Plan | null => {
    const known = plans.get(operation) ?? {
      plan: compilePlan(schema, document, operation, maxUpstreamCalls),
    };
    plans.set(operation, known);
    return known.plan;
  };

  const write = async (
    { document, operation, variables }: Execution,
    context: OperationContext,
  ): Promise<string | null> => {
    const plan = planOf(document, operation);
    if (plan === null) return null;
    try {
      const coerced = plan.coerce(variables);
      return coerced === null ? null : await plan.run(coerced, context);
    } catch {
      return null;
    }
  };

  const run = async (execution: Execution): Promise<ExecutionResult> => {
    const context = remembering(execution.context);
    const text = await write(execution, context);
    if (text !== null) return { data: new WrittenData(text) };
    const { document, operation, operationName, variables } = execution;
    const { defaultProjectId } = context;
    admit({ schema, document, operation, variables, defaultProjectId }, maxUpstreamCalls);
    return execute({ schema, document, operationName, variableValues: variables, contextValue: context });
  };

  return {
    load: () =>
      Promise.resolve({
        executor: async ({ document, operation, request, context }) => {
          const { operationName = null, variables = {} } = request;
          const contextValue = context as OperationContext;
          const resolved = operation as OperationDefinitionNode | undefined;
          // Without an operation graphql-js says what is wrong with `operationName`.
          return resolved === undefined
            ? execute({ schema, document, operationName, variableValues: variables, contextValue })
            : run({ document, operation: resolved, operationName, variables, context: contextValue });
        },
      }),
    onSchemaLoadOrUpdate: (callback) => {
      callback({ apiSchema: schema, coreSupergraphSdl: "" });
      return () => undefined;
    },
    stop: () => Promise.resolve(),
  };
}
