import {
  type FieldNode,
  getDirectiveValues,
  type GraphQLCompositeType,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  GraphQLSkipDirective,
  isAbstractType,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";

/** The parts of an execution's state that the collection of fields needs. */
export type Selecting = {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
};

/** Takes them from a running execution. */
export function selectingOf({ schema, fragments, variableValues }: GraphQLResolveInfo): Selecting {
  return { schema, fragments: new Map(Object.entries(fragments)), variables: variableValues };
}

/** All fields with one response key. Validation has ensured that they have the same name and arguments. */
export type FieldGroup = readonly [FieldNode, ...FieldNode[]];

/** The named fragments of a document. */
export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
}

/**
 * The specification's CollectFields: the fields that an execution would run on an object of `type`, grouped by
 * response key. Each fragment is visited once, so the time is linear in the document.
 * @param parents the operation or the fields whose selections are collected
 * @throws GraphQLError if the condition of `@skip` or `@include` is null, like the execution
 */
export function collectFields(
  { schema, fragments, variables }: Selecting,
  type: GraphQLObjectType,
  parents: readonly (OperationDefinitionNode | FieldNode)[],
): ReadonlyMap<string, FieldGroup> {
  const groups = new Map<string, [FieldNode, ...FieldNode[]]>();
  const visited = new Set<string>();
  for (const { selectionSet } of parents) collect(selectionSet);
  return groups;

  function collect(set: SelectionSetNode | undefined): void {
    for (const selection of set?.selections ?? []) {
      if (isIncluded(selection, variables)) add(selection);
    }
  }

  function add(selection: SelectionNode): void {
    switch (selection.kind) {
      case Kind.FIELD: {
        const key = (selection.alias ?? selection.name).value;
        const group = groups.get(key);
        if (group) group.push(selection);
        else groups.set(key, [selection]);
        return;
      }
      case Kind.INLINE_FRAGMENT:
        if (applies(selection.typeCondition?.name.value)) collect(selection.selectionSet);
        return;
      case Kind.FRAGMENT_SPREAD: {
        const fragment = fragments.get(selection.name.value);
        if (!fragment || visited.has(selection.name.value)) return;
        visited.add(selection.name.value);
        if (applies(fragment.typeCondition.name.value)) collect(fragment.selectionSet);
      }
    }
  }

  function applies(condition: string | undefined): boolean {
    if (condition === undefined || condition === type.name) return true;
    const named = schema.getType(condition) as GraphQLCompositeType | undefined;
    return isAbstractType(named) && schema.isSubType(named, type);
  }
}

function isIncluded(node: SelectionNode, variables: Readonly<Record<string, unknown>>): boolean {
  if (!node.directives?.length) return true;
  if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.if === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if !== false;
}
