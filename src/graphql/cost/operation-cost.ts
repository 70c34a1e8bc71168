import {
  type DocumentNode,
  type FieldNode,
  getArgumentValues,
  getNamedType,
  getVariableValues,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  type OperationDefinitionNode,
} from "graphql";
import { GatewayError } from "../../errors.js";
import { type OperationContext } from "../context.js";
import { collectFields, type FieldGroup, fragmentsOf, type Selecting } from "../plan/collect-fields.js";
import { type FieldSpec, type NamedJobs, specOf } from "../plan/field-spec.js";
import { type KeyedCost, admitInPart } from "./partial-admission.js";
import { type Price } from "./price.js";
import { checkNames, costsBefore } from "./root-cost.js";

/** A query about to run, with its variables as the client sent them. */
export type Candidate = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The context of the operation. It stores which jobs of a list are refused. */
  readonly context: OperationContext;
};

/**
 * Refuses a query that could need more than `maxUpstreamCalls` upstream calls with an empty cache, that names more than
 * `MAX_JOBS` jobs, or that requests more than `MAX_ROWS` events. A job without pages counts as one event.
 * Fields with invalid arguments cost no calls. In a list of jobs, only the jobs beyond the limit are refused. In a batch,
 * the costs of the operations before this one are added.
 * @throws GraphQLError that contains an OPERATION_TOO_COMPLEX error
 */
export function checkCost(candidate: Candidate, maxUpstreamCalls: number): void {
  const costs = rootCostsOf(candidate);
  checkNames(costs, costsBefore(candidate.context));
  admitInPart(costs, maxUpstreamCalls, candidate.context);
}

/** A field with valid arguments: its spec, and the request that the spec made of them. */
type ParsedField = { readonly spec: FieldSpec; readonly request: unknown };

function rootCostsOf({ schema, document, operation, variables, context }: Candidate): KeyedCost[] {
  const root = schema.getRootType(operation.operation);
  // The execution reports variables of a wrong type.
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, {
    maxErrors: 1,
  });
  if (!coerced || !root) return [];
  const selecting: Selecting = { schema, fragments: fragmentsOf(document), variables: coerced };
  return fieldsOf(selecting, root, [operation]).flatMap((group) => {
    const field = root.getFields()[group[0].name.value];
    if (field === undefined) return [];
    const parsed = parseField(field, group[0]);
    const prices = [...priceOf(parsed, undefined), ...pricesBelow(field.type, group, parsed)];
    const key = (group[0].alias ?? group[0].name).value;
    return [{ ...namedBy(field, parsed), prices, key }];
  });

  function parseField(field: GraphQLField<unknown, unknown>, node: FieldNode): ParsedField | null {
    const spec = specOf(field);
    if (spec.parse === undefined) return null;
    return attempt(() => {
      const args = getArgumentValues(field, node, selecting.variables);
      return { spec, request: spec.parse?.(args, context) };
    });
  }

  function pricesBelow(output: GraphQLOutputType, group: FieldGroup, above: ParsedField | null): Price[] {
    return objectTypesOf(schema, output).flatMap((type) =>
      fieldsOf(selecting, type, group).flatMap((fields) => {
        const field = type.getFields()[fields[0].name.value];
        if (field === undefined) return [];
        const parsed = parseField(field, fields[0]);
        return [...priceOf(parsed, above?.request), ...pricesBelow(field.type, fields, parsed)];
      }),
    );
  }
}

function priceOf(parsed: ParsedField | null, above: unknown): Price[] {
  const price = parsed?.spec.price?.(parsed.request, above);
  return price === undefined ? [] : [price];
}

/** A job with an invalid name counts as a named job, but nothing is read for it. */
function namedBy(field: GraphQLField<unknown, unknown>, parsed: ParsedField | null): NamedJobs {
  const spec = specOf(field);
  if (spec.jobs === undefined) return { named: 0, jobs: () => [] };
  return parsed === null ? { named: 1, jobs: () => [] } : spec.jobs(parsed.request);
}

function objectTypesOf(schema: GraphQLSchema, output: GraphQLOutputType): readonly GraphQLObjectType[] {
  const type = getNamedType(output);
  if (isObjectType(type)) return [type];
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [];
}

/** The fields that an execution would run below `parents`; none if it would fail on `@skip` or `@include`. */
function fieldsOf(
  selecting: Selecting,
  type: GraphQLObjectType,
  parents: readonly (OperationDefinitionNode | FieldNode)[],
): FieldGroup[] {
  return attempt(() => [...collectFields(selecting, type, parents).values()]) ?? [];
}

/** Returns the result, or null if the client made a mistake. */
function attempt<Result>(calculate: () => Result): Result | null {
  try {
    return calculate();
  } catch (error) {
    if (error instanceof GatewayError || error instanceof GraphQLError) return null;
    throw error;
  }
}
