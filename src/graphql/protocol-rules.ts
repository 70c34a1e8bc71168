import { ApolloServerErrorCode, ApolloServerValidationErrorCode } from "@apollo/server/errors";
import { HeaderMap } from "@apollo/server";
import { GraphQLError, type OperationDefinitionNode, OperationTypeNode, type ValidationRule } from "graphql";

/** Refuses `_service`, which holds the whole SDL, as Apollo's own rule refuses `__schema` and `__type`. */
export const noServiceSdl: ValidationRule = (context) => ({
  Field(node) {
    if (node.name.value !== "_service") return;
    context.reportError(
      new GraphQLError("The schema is not shown here: introspection is off, and with it _service.", {
        nodes: node,
        extensions: { validationErrorCode: ApolloServerValidationErrorCode.INTROSPECTION_DISABLED },
      }),
    );
  },
});

/**
 * Refuses a mutation, of which the schema has none, and, where there is but a single answer to hold it, a subscription.
 * A validation rule would come before Apollo Server's 405 for those that are sent by GET.
 * @param isLive whether the connection stays open for more than one answer
 * @throws GraphQLError with the HTTP status 400
 */
export function refuseUnanswerable(operation: OperationDefinitionNode, isLive: boolean): void {
  switch (operation.operation) {
    case OperationTypeNode.QUERY:
      return;
    case OperationTypeNode.MUTATION:
      throw badRequest(
        "The schema has no mutations.",
        ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED,
        operation,
      );
    case OperationTypeNode.SUBSCRIPTION:
      if (isLive) return;
      throw badRequest(
        "Subscriptions are not answered here; use graphql-ws or graphql-sse.",
        ApolloServerErrorCode.BAD_REQUEST,
        operation,
      );
  }
}

/** Sets the status that a plugin's error is answered with; Apollo Server would take 500. */
export const HTTP_400 = { status: 400, headers: new HeaderMap() };

function badRequest(message: string, code: string, nodes: OperationDefinitionNode): GraphQLError {
  return new GraphQLError(message, { nodes, extensions: { code, http: HTTP_400 } });
}
