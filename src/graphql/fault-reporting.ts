import { type ApolloServerPlugin } from "@apollo/server";
import { isLive, type OperationContext } from "./context.js";
import { causeOf, isFault } from "./format-error.js";
import { refuseUnanswerable } from "./protocol-rules.js";

/** Is told of every exception that nobody threw on purpose; the client learns nothing of it. */
export type FaultListener = (fault: unknown, context: OperationContext | null) => void;

/** The plugin that lets nothing run but what can be answered, and hands on what goes wrong inside the gateway. */
export function faultReporting(onFault: FaultListener): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation: ({ operation, contextValue }) => {
          // Without an operation the execution will say what is wrong with `operationName`.
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
