import { type ApolloServerPlugin } from "@apollo/server";
import { isLive, type OperationContext } from "./context.js";
import { causeOf, isFault } from "./format-error.js";
import { refuseUnanswerable } from "./protocol-rules.js";

/** Receives every unexpected exception; clients never see it. */
export type FaultListener = (fault: unknown, context: OperationContext | null) => void;

/** The plugin that refuses operations which the connection cannot answer, and reports faults of the gateway. */
export function faultReporting(onFault: FaultListener): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation: ({ operation, contextValue }) => {
          // Without an operation, the execution reports the mistake in `operationName`.
          if (operation) refuseUnanswerable(operation, isLive(contextValue));
          return Promise.resolve();
        },
        didEncounterErrors: ({ errors, contextValue }) => {
          for (const error of errors) if (isFault(error)) onFault(causeOf(error), contextValue);
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
