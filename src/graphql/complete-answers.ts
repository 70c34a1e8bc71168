import { type ApolloServerPlugin } from "@apollo/server";
import { nameArguments } from "./argument-names.js";
import { addCacheExtension } from "./cache-extension.js";
import { isLive, type OperationContext } from "./context.js";
import { refuseForBudget } from "./cost/budget-refusal.js";
import { causeOf, type FaultListener, isFault } from "./format-error.js";
import { refuseUnanswerable } from "./protocol-rules.js";

/**
 * The plugin that refuses operations which the connection cannot answer, reports faults of the gateway, and completes
 * the errors, the status and the extensions of answers. It is one plugin for all of this, because Apollo Server awaits
 * each hook of each plugin.
 */
export function completeAnswers(onFault: FaultListener): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation: ({ operation, contextValue }) => {
          // Without an operation, the execution reports the mistake in `operationName`.
          if (operation) refuseUnanswerable(operation, isLive(contextValue));
          return Promise.resolve();
        },
        didEncounterErrors: (request) => {
          const { errors, contextValue } = request;
          for (const error of errors) if (isFault(error)) onFault(causeOf(error), contextValue);
          nameArguments(request);
          return Promise.resolve();
        },
        willSendResponse: (request) => {
          addCacheExtension(request);
          refuseForBudget(request);
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
