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
import { GatewayError } from "../errors.js";
import { collectFields, type FieldGroup, fragmentsOf, type Selecting } from "./plan/collect-fields.js";
import { type FieldSpec, type NamedJobs, specOf } from "./plan/field-spec.js";
import { tooComplex } from "./limits.js";
import { type Price } from "./price.js";
import { type ProjectScope } from "./training-job.js";

/** The most events that one operation may request: the sum of the sizes of its pages. */
export const MAX_ROWS = 10_000;

/** The most jobs that one operation may name, valid or not: each costs time even if nothing is read for it. */
export const MAX_JOBS = 1_000;

/** A query about to run, with its variables as the client sent them. */
export type Candidate = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly scope: ProjectScope;
};

/** The cost of one root field: its jobs, and the prices of the fields below it, for each job. */
export type RootCost = NamedJobs & { readonly prices: readonly Price[] };

/**
 * Refuses a query that could need more than `maxUpstreamCalls` upstream calls with an empty cache, that names more than
 * {@link MAX_JOBS} jobs, or that requests more than {@link MAX_ROWS} events. A job without pages counts as one event.
 * Fields with invalid arguments cost no calls.
 * @throws GraphQLError around an OPERATION_TOO_COMPLEX
 */
export function checkCost(candidate: Candidate, maxUpstreamCalls: number): void {
  checkRootCosts(rootCostsOf(candidate), maxUpstreamCalls);
}

/**
 * Like {@link checkCost}, for a query whose root costs are already known.
 * @throws GraphQLError around an OPERATION_TOO_COMPLEX
 */
export function checkRootCosts(costs: readonly RootCost[], maxUpstreamCalls: number): void {
  const named = costs.reduce((sum, cost) => sum + cost.named, 0);
  // First, because a request of 256 KiB can hold so many names that checking them would block other requests.
  if (named > MAX_JOBS) {
    throw tooComplex(`The operation names ${named} jobs; at most ${MAX_JOBS} are allowed.`);
  }
  const rows = costs.reduce((sum, cost) => sum + rowsOf(cost), 0);
  // Before the calls, because this limits the number of logs to compare.
  if (rows > MAX_ROWS) {
    throw tooComplex(`The operation asks for ${rows} events in all; at most ${MAX_ROWS} are allowed.`);
  }
  // Finding equal logs takes longer than reading a page. So first assume that all logs differ.
  if (mostCalls(costs) <= maxUpstreamCalls) return;
  const calls = countCalls(costs);
  if (calls > maxUpstreamCalls) {
    throw tooComplex(
      `The operation could need ${calls} upstream calls; at most ${maxUpstreamCalls} are allowed.`,
    );
  }
}

function rowsOf({ named, prices }: RootCost): number {
  return named * Math.max(sumOf(prices, "rows"), 1);
}

function mostCalls(costs: readonly RootCost[]): number {
  return costs.reduce((sum, { named, prices }) => sum + named * sumOf(prices, "calls"), 0);
}

function sumOf(prices: readonly Price[], what: "rows" | "calls"): number {
  return prices.reduce((sum, price) => sum + price[what], 0);
}

function countCalls(costs: readonly RootCost[]): number {
  const callsByPart = new Map<string, number>();
  for (const { jobs, prices } of costs) {
    const parts = prices.flatMap((price) => price.parts());
    for (const { id, projectId } of jobs()) {
      for (const { key, calls } of parts) {
        // IDs have no slash in them.
        const part = `${projectId}/${id}/${key}`;
        callsByPart.set(part, Math.max(calls, callsByPart.get(part) ?? 0));
      }
    }
  }
  return [...callsByPart.values()].reduce((sum, calls) => sum + calls, 0);
}

/** The request of a field with valid arguments. */
type Asked = { readonly spec: FieldSpec; readonly request: unknown };

function rootCostsOf({ schema, document, operation, variables, scope }: Candidate): RootCost[] {
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
    const asked = ask(field, group[0]);
    const prices = [...priceOf(asked, undefined), ...pricesBelow(field.type, group, asked)];
    return [{ ...namedBy(field, asked), prices }];
  });

  function ask(field: GraphQLField<unknown, unknown>, node: FieldNode): Asked | null {
    const spec = specOf(field);
    if (spec.parse === undefined) return null;
    return attempt(() => {
      const args = getArgumentValues(field, node, selecting.variables);
      return { spec, request: spec.parse?.(args, scope) };
    });
  }

  function pricesBelow(output: GraphQLOutputType, group: FieldGroup, above: Asked | null): Price[] {
    return objectTypesOf(schema, output).flatMap((type) =>
      fieldsOf(selecting, type, group).flatMap((fields) => {
        const field = type.getFields()[fields[0].name.value];
        if (field === undefined) return [];
        const asked = ask(field, fields[0]);
        return [...priceOf(asked, above?.request), ...pricesBelow(field.type, fields, asked)];
      }),
    );
  }
}

function priceOf(asked: Asked | null, above: unknown): Price[] {
  const price = asked?.spec.price?.(asked.request, above);
  return price === undefined ? [] : [price];
}

/** A job with an invalid name counts as a named job, but nothing is read for it. */
function namedBy(field: GraphQLField<unknown, unknown>, asked: Asked | null): NamedJobs {
  const spec = specOf(field);
  if (spec.jobs === undefined) return { named: 0, jobs: () => [] };
  return asked === null ? { named: 1, jobs: () => [] } : spec.jobs(asked.request);
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
