import { type ApolloServerPlugin, type HTTPGraphQLRequest } from "@apollo/server";
import { type OperationContext, type ValidOperation } from "../graphql/context.js";

/** What logs and metrics say of an operation. */
export type OperationReport = {
  /** As the document names it; null for a nameless one. */
  readonly operationName: string | null;
  /** The code of the first error; null without one. */
  readonly code: string | null;
};

/** How Apollo Server answered an operation. */
type AnsweredOperation = {
  readonly report: OperationReport;
  /** Null where it did not get so far. */
  readonly valid: ValidOperation | null;
};

/** Learns from Apollo Server how the operations ended that this server handed to it. */
export type OperationReports = {
  readonly plugin: ApolloServerPlugin<OperationContext>;
  /** Undefined where the request held no operation that could be started. */
  of(request: HTTPGraphQLRequest): AnsweredOperation | undefined;
};

const MAX_NAME = 100;

/** An operation's name as logs show it. */
export function shownName(name: string | null | undefined): string | null {
  return name?.slice(0, MAX_NAME) ?? null;
}

export function createOperationReports(): OperationReports {
  // Apollo Server hands the very object through that it was given.
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
