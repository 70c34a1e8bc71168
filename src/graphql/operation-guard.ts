import { type ApolloServerPlugin } from "@apollo/server";
import { admit } from "./admission.js";
import { type OperationContext } from "./context.js";
import { isFault } from "./format-error.js";
import { refuseUnlessQuery } from "./protocol-rules.js";

/** Is told of every exception that nobody threw on purpose; the client learns nothing of it. */
export type FaultListener = (fault: unknown, context: OperationContext | null) => void;

/** The plugin that lets operations run only when they may, and hands on what goes wrong inside the gateway. */
export function operationGuard(
  maxUpstreamCalls: number,
  onFault: FaultListener,
): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation: ({ schema, document, operation, request, contextValue }) => {
          // Without an operation the execution will say what is wrong with `operationName`.
          if (!operation) return Promise.resolve();
          refuseUnlessQuery(operation);
          const { defaultProjectId } = contextValue;
          const variables = request.variables ?? {};
          admit({ schema, document, operation, variables, defaultProjectId }, maxUpstreamCalls);
          return Promise.resolve();
        },
        didEncounterErrors: ({ errors, contextValue }) => {
          for (const error of errors) if (isFault(error)) onFault(error.originalError ?? error, contextValue);
          return Promise.resolve();
        },
      }),
    unexpectedErrorProcessingRequest: ({ error, requestContext }) => {
      onFault(error, requestContext.contextValue);
      return Promise.resolve();
    },
    contextCreationDidFail: ({ error }) => {
      if (isFault(error)) onFault(error, null);
      return Promise.resolve();
    },
  };
}
