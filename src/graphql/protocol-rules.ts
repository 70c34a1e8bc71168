import { ApolloServerErrorCode, ApolloServerValidationErrorCode } from "@apollo/server/errors";
import { HeaderMap } from "@apollo/server";
import { GraphQLError, type OperationDefinitionNode, OperationTypeNode, type ValidationRule } from "graphql";

/** Refuses `_service`, which returns the whole SDL. Apollo's own rule refuses `__schema` and `__type`. */
export const noServiceSdl: ValidationRule = (context) => ({
  Field(node) {
    if (node.name.value !== "_service") return;
    context.reportError(
      new GraphQLError("Introspection is disabled, and so is `_service`.", {
        nodes: node,
        extensions: { validationErrorCode: ApolloServerValidationErrorCode.INTROSPECTION_DISABLED },
      }),
    );
  },
});

/**
 * Refuses mutations, because the schema has none, and subscriptions outside a live connection. It is not a validation
 * rule, because such a rule would run before Apollo Server's 405 for operations sent by GET.
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
        "Subscriptions need a live connection. Use graphql-ws or graphql-sse.",
        ApolloServerErrorCode.BAD_REQUEST,
        operation,
      );
  }
}

/** Sets the status of a plugin's error; the default of Apollo Server is 500. */
export const HTTP_400 = { status: 400, headers: new HeaderMap() };

function badRequest(message: string, code: string, nodes: OperationDefinitionNode): GraphQLError {
  return new GraphQLError(message, { nodes, extensions: { code, http: HTTP_400 } });
}
