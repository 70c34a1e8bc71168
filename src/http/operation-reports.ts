import { type ApolloServerPlugin, type HTTPGraphQLRequest } from "@apollo/server";
import { type OperationContext, type ValidOperation } from "../graphql/context.js";

/** The fields of an operation in logs and metrics. */
export type OperationReport = {
  /** As the document names it; null for a nameless one. */
  readonly operationName: string | null;
  /** The code of the first error; null without one. */
  readonly code: string | null;
  /** The number of operations, where the request is a batch. */
  readonly operations?: number;
};

/** How Apollo Server answered an operation. */
type AnsweredOperation = {
  readonly report: OperationReport;
  /** Null where the document is not valid. */
  readonly valid: ValidOperation | null;
};

/** Learns from Apollo Server how each operation ended. */
export type OperationReports = {
  readonly plugin: ApolloServerPlugin<OperationContext>;
  /** Undefined where the request holds no operation that Apollo Server could start. */
  of(request: HTTPGraphQLRequest): AnsweredOperation | undefined;
};

const MAX_NAME = 100;

/** The name of an operation, cut for logs. */
export function shownName(name: string | null | undefined): string | null {
  return name?.slice(0, MAX_NAME) ?? null;
}

export function createOperationReports(): OperationReports {
  // Apollo Server passes on the object that it is given.
  const reports = new WeakMap<object, AnsweredOperation>();
  return {
    of: (request) => reports.get(request),
    plugin: {
      requestDidStart: ({ request }) =>
        Promise.resolve({
          willSendResponse: ({ document, operation, operationName, response }) => {
            const errors = response.body.kind === "single" ? response.body.singleResult.errors : undefined;
            const code = errors?.[0]?.extensions?.["code"];
            reports.set(request.http ?? request, {
              report: {
                operationName: shownName(operationName),
                code: errors === undefined ? null : typeof code === "string" ? code : "INTERNAL_SERVER_ERROR",
              },
              valid: document && operation ? { document, operation } : null,
            });
            return Promise.resolve();
          },
        }),
    },
  };
}
