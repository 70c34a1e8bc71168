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
 * The same operation under a condition that is met: plans know no directives, so that graphql-js executes it. Null
 * where the document cannot be read.
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
