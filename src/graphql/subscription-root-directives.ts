import { type ApolloServerPlugin } from "@apollo/server";
import {
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { type OperationContext } from "./context.js";

/**
 * The plugin that makes `@skip` and `@include` at the root of a subscription a validation error, as in later editions of
 * GraphQL. graphql-js 16 does not report them: its own rule for subscriptions throws if such a directive depends on a
 * variable, and the execution throws if no root field is left. So the plugin renames these directives to unknown ones.
 */
export function subscriptionRootDirectives(): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: ({ request: { query } }) => {
      // Apollo Server awaits each hook of each plugin. The text of a persisted query is not known yet.
      if (query?.includes("subscription") === false) return Promise.resolve();
      return Promise.resolve({
        parsingDidStart: (request) =>
          Promise.resolve(() => {
            const { document } = request;
            if (document !== undefined) Object.assign(request, { document: renameConditions(document) });
            return Promise.resolve();
          }),
      });
    },
  };
}

function renameConditions(document: DocumentNode): DocumentNode {
  if (!document.definitions.some(isSubscription)) return document;
  return {
    ...document,
    definitions: document.definitions.map((definition) =>
      isSubscription(definition) || isFragmentOfRoot(definition)
        ? { ...definition, selectionSet: inSet(definition.selectionSet) }
        : definition,
    ),
  };
}

function isSubscription(definition: DefinitionNode): definition is OperationDefinitionNode {
  return (
    definition.kind === Kind.OPERATION_DEFINITION && definition.operation === OperationTypeNode.SUBSCRIPTION
  );
}

function isFragmentOfRoot(definition: DefinitionNode): definition is FragmentDefinitionNode {
  return (
    definition.kind === Kind.FRAGMENT_DEFINITION && definition.typeCondition.name.value === "Subscription"
  );
}

function inSet(set: SelectionSetNode): SelectionSetNode {
  return { ...set, selections: set.selections.map(inSelection) };
}

function inSelection(selection: SelectionNode): SelectionNode {
  const directives = (selection.directives ?? []).map(inDirective);
  return selection.kind === Kind.INLINE_FRAGMENT
    ? { ...selection, directives, selectionSet: inSet(selection.selectionSet) }
    : { ...selection, directives };
}

function inDirective(directive: DirectiveNode): DirectiveNode {
  const { name } = directive;
  if (name.value !== "skip" && name.value !== "include") return directive;
  return { ...directive, name: { ...name, value: `${name.value} at the root of a subscription` } };
}
