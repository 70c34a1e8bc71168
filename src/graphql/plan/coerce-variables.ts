import {
  coerceInputValue,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputType,
  isNonNullType,
  typeFromAST,
  valueFromAST,
  type VariableDefinitionNode,
} from "graphql";

import { Unplannable } from "./unplannable.js";

export type Values = Readonly<Record<string, unknown>>;

/** Coerces a request's variables to the types that the operation declares; null if a value does not fit its type. */
export type Coerce = (given: Values) => Values | null;

type Variable = {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly isNonNull: boolean;
  /** The default value; undefined if there is none. */
  readonly fallback: unknown;
};

/**
 * Compiles the variables of a validated operation. graphql-js would look up their types and compute their defaults again
 * for each request, which took as long as parsing the request's JSON. It still coerces each value.
 * @throws Unplannable if a plain object cannot have a property with the variable's name
 */
export function compileVariables(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): Coerce {
  const variables: Variable[] = [];
  for (const { variable, type: typeNode, defaultValue } of definitions) {
    const name = variable.name.value;
    const type = typeFromAST(schema, typeNode);
    if (!isInputType(type) || name === "__proto__") throw new Unplannable("variables");
    const fallback = defaultValue === undefined ? undefined : valueFromAST(defaultValue, type);
    variables.push({ name, type, isNonNull: isNonNullType(type), fallback });
  }
  return (given) => {
    const coerced: Record<string, unknown> = {};
    for (const { name, type, isNonNull, fallback } of variables) {
      if (Object.hasOwn(given, name)) {
        const value = given[name];
        if (value === null && isNonNull) return null;
        try {
          coerced[name] = coerceInputValue(value, type);
        } catch {
          return null;
        }
      } else if (fallback !== undefined) coerced[name] = fallback;
      else if (isNonNull) return null;
    }
    return coerced;
  };
}
