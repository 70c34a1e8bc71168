import { type ApolloServerPlugin, type HTTPGraphQLRequest } from "@apollo/server";
import { type OperationContext, type ValidOperation } from "../graphql/context.js";
import { firstCode } from "../graphql/format-error.js";

/** The fields of an operation in logs and metrics. */
export type OperationReport = {
  /** The name in the document; null for an anonymous operation. */
  readonly operationName: string | null;
  /** The code of the first error; null without an error. */
  readonly code: string | null;
  /** The number of operations if the request is a batch. */
  readonly operations?: number;
};

/** How Apollo Server answered an operation. */
type AnsweredOperation = {
  readonly report: OperationReport;
  /** Null if the document is not valid. */
  readonly valid: ValidOperation | null;
};

/** Collects from Apollo Server how each operation ended. */
export type OperationReports = {
  readonly plugin: ApolloServerPlugin<OperationContext>;
  /** Undefined if the request contains no operation that Apollo Server could start. */
  of(request: HTTPGraphQLRequest): AnsweredOperation | undefined;
};

const MAX_NAME = 100;

/** The name of an operation, shortened for logs. */
export function shownName(name: string | null | undefined): string | null {
  return name?.slice(0, MAX_NAME) ?? null;
}

export function createOperationReports(): OperationReports {
  // Apollo Server passes the same object to its plugins.
  const reports = new WeakMap<object, AnsweredOperation>();
  return {
    of: (request) => reports.get(request),
    plugin: {
      requestDidStart: ({ request }) =>
        Promise.resolve({
          willSendResponse: ({ document, operation, operationName, response }) => {
            const errors = response.body.kind === "single" ? response.body.singleResult.errors : undefined;
            reports.set(request.http ?? request, {
              report: {
                operationName: shownName(operationName),
                code: firstCode(errors),
              },
              valid: document && operation ? { document, operation } : null,
            });
            return Promise.resolve();
          },
        }),
    },
  };
}
