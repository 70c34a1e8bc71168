import { type ApolloServerPlugin } from "@apollo/server";
import { getVariableValues, OperationTypeNode } from "graphql";
import { type ValidOperation, isLive, type OperationContext } from "../context.js";
import { NO_HEAD } from "../plan/compiled-responses.js";

/**
 * The plugin that passes on a subscription after all checks that queries pass. Apollo Server's answer is empty, because
 * a `Subscriber` reads the results.
 */
export function liveOperations(): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: ({ contextValue }) => {
      if (!isLive(contextValue)) return Promise.resolve();
      let subscription: ValidOperation | null = null;
      return Promise.resolve({
        didResolveOperation: ({ document, operation }) => {
          // Without an operation, the execution reports the error of `operationName`.
          if (operation?.operation === OperationTypeNode.SUBSCRIPTION) subscription = { document, operation };
          return Promise.resolve();
        },
        responseForOperation: ({ request, schema }) => {
          if (subscription === null) return Promise.resolve(null);
          const { variableDefinitions = [] } = subscription.operation;
          // If variables are invalid, the execution reports the errors and stops.
          const { errors } = getVariableValues(schema, variableDefinitions, request.variables ?? {}, {
            maxErrors: 1,
          });
          if (errors !== undefined) return Promise.resolve(null);
          contextValue.live.onSubscription(subscription);
          return Promise.resolve({ http: NO_HEAD, body: { kind: "single", singleResult: { data: null } } });
        },
      });
    },
  };
}
