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

/** A request's variables as the operation declares them; null where they are not of its types. */
export type Coerce = (given: Values) => Values | null;

type Variable = {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly isNonNull: boolean;
  /** What it is where a request does not have it; undefined where it then is not there. */
  readonly whenAbsent: unknown;
};

/**
 * Compiles the variables of a validated operation. graphql-js looks up their types and works out their defaults for
 * each request again, which took as long as reading the request's JSON; what it makes of a value is left to it.
 * @throws Unplannable where a plain object cannot hold a variable
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
    const whenAbsent = defaultValue === undefined ? undefined : valueFromAST(defaultValue, type);
    variables.push({ name, type, isNonNull: isNonNullType(type), whenAbsent });
  }
  return (given) => {
    const coerced: Record<string, unknown> = {};
    for (const { name, type, isNonNull, whenAbsent } of variables) {
      if (Object.hasOwn(given, name)) {
        const value = given[name];
        if (value === null && isNonNull) return null;
        try {
          coerced[name] = coerceInputValue(value, type);
        } catch {
          return null;
        }
      } else if (whenAbsent !== undefined) coerced[name] = whenAbsent;
      else if (isNonNull) return null;
    }
    return coerced;
  };
}
