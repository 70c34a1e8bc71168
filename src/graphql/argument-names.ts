import { type GraphQLRequestContextDidEncounterErrors } from "@apollo/server";
import {
  type ArgumentNode,
  type ASTNode,
  coerceInputValue,
  type DocumentNode,
  type GraphQLSchema,
  isInputType,
  Kind,
  type ObjectFieldNode,
  typeFromAST,
  type VariableDefinitionNode,
  visit,
} from "graphql";
import { type OperationContext } from "./context.js";
import { type Values } from "./plan/coerce-variables.js";

/** graphql-js reports no more errors about variables. */
const ERRORS_MAX = 50;

/** The names of the arguments that a document gives, such as `filter.time.start`. */
type ArgumentNames = {
  /** By the node of a value or of a field of an input object. */
  readonly byNode: ReadonlyMap<ASTNode, string>;
  /** By the name of a variable: the first argument that uses it. */
  readonly byVariable: ReadonlyMap<string, string>;
};

/**
 * Adds `extensions.argument` to errors about values that graphql-js refuses: variables and literals of a wrong type.
 * The names are those of the gateway's own argument errors.
 */
export function nameArguments({
  schema,
  document,
  errors,
  request: { variables = {} },
}: GraphQLRequestContextDidEncounterErrors<OperationContext>): void {
  if (document === undefined) return;
  let names: ArgumentNames | null = null;
  const paths = new Map<VariableDefinitionNode, string[]>();
  for (const error of errors) {
    const [node] = error.nodes ?? [];
    if (node === undefined) continue;
    names ??= namesIn(document);
    const argument =
      node.kind === Kind.VARIABLE_DEFINITION
        ? nameOfVariable(node, names, takePath(paths, schema, node, variables))
        : (names.byNode.get(node) ?? null);
    if (argument !== null) error.extensions["argument"] = argument;
  }
}

/** The place within a variable that its next error is about; graphql-js reports them in this order. */
function takePath(
  known: Map<VariableDefinitionNode, string[]>,
  schema: GraphQLSchema,
  node: VariableDefinitionNode,
  variables: Values,
): string | null {
  const paths = known.get(node) ?? pathsOfErrors(schema, node, variables);
  known.set(node, paths);
  return paths.shift() ?? null;
}

function pathsOfErrors(schema: GraphQLSchema, node: VariableDefinitionNode, variables: Values): string[] {
  const type = typeFromAST(schema, node.type);
  const name = node.variable.name.value;
  if (!isInputType(type) || !Object.hasOwn(variables, name)) return [];
  const paths: string[] = [];
  try {
    coerceInputValue(variables[name], type, (path, _value, error) => {
      if (paths.push(path.join(".")) === ERRORS_MAX) throw error;
    });
  } catch (error) {
    if (paths.length < ERRORS_MAX) throw error;
  }
  return paths;
}

function nameOfVariable(
  node: VariableDefinitionNode,
  { byVariable }: ArgumentNames,
  path: string | null,
): string | null {
  const argument = byVariable.get(node.variable.name.value);
  if (argument === undefined) return null;
  return path === null || path === "" ? argument : withoutIndex(`${argument}.${path}`);
}

/** Representations have numbers in the gateway's own errors, other lists are named as a whole. */
function withoutIndex(name: string): string {
  return name.startsWith("representations") ? name : name.replace(/\.\d+(?=\.|$)/g, "");
}

/** The names of all arguments. Takes time linear in the document, for any number of errors. */
function namesIn(document: DocumentNode): ArgumentNames {
  const byNode = new Map<ASTNode, string>();
  const byVariable = new Map<string, string>();
  const path: string[] = [];
  visit(document, {
    enter: (node) => {
      if (isNamed(node)) path.push(node.name.value);
      if (path.length === 0) return;
      const name = path.join(".");
      byNode.set(node, name);
      if (node.kind === Kind.VARIABLE && !byVariable.has(node.name.value)) {
        byVariable.set(node.name.value, name);
      }
    },
    leave: (node) => {
      if (isNamed(node)) path.pop();
    },
  });
  return { byNode, byVariable };
}

function isNamed(node: ASTNode): node is ArgumentNode | ObjectFieldNode {
  return node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD;
}
