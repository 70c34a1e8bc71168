import {
  type DirectiveNode,
  type DocumentNode,
  Kind,
  parse,
  print,
  type SelectionNode,
  visit,
} from "graphql";

const MET: DirectiveNode = {
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: "include" },
  arguments: [
    {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: "if" },
      value: { kind: Kind.BOOLEAN, value: true },
    },
  ],
};

const met = (selection: SelectionNode): SelectionNode => ({
  ...selection,
  directives: [...(selection.directives ?? []), MET],
});

/**
 * The same operation with an additional directive that is true. Plans do not support directives, so graphql-js executes
 * it. Null if the document cannot be parsed.
 */
export function withoutPlan(query: string): string | null {
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch {
    return null;
  }
  return print(
    visit(document, {
      OperationDefinition: ({ selectionSet, ...node }) => ({
        ...node,
        selectionSet: { ...selectionSet, selections: selectionSet.selections.map(met) },
      }),
    }),
  );
}
