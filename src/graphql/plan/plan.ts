import {
  BREAK,
  type DocumentNode,
  getArgumentValues,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
  visit,
} from "graphql";
import { allOf, run, waitFor, type MaybeAsync } from "../../common/maybe-async.js";
import { type OperationContext, type ValidOperation } from "../context.js";
import { checkRootCosts, type RootCost } from "../cost/root-cost.js";
import { type Price } from "../cost/price.js";
import { type Coerce, compileVariables, type Values } from "./coerce-variables.js";
import { fragmentsOf } from "./collect-fields.js";
import { compileOperation, type Reading } from "./compile-operation.js";
import { notePlainFields } from "./plain-fields.js";
import { type NoPlanReason, Unplannable } from "./unplannable.js";

/** Writes `data` of one operation as JSON. */
export type Plan = {
  readonly operation: OperationDefinitionNode;
  readonly coerce: Coerce;
  /**
   * Checks the arguments and the cost of the operation.
   * @param variables coerced
   * @throws the errors of a resolver for its arguments, and those of {@link checkRootCosts}; graphql-js reports them
   */
  readonly admit: (variables: Values, context: OperationContext) => Admitted;
  /**
   * Reads and writes; synchronously if everything is in the local cache.
   * @throws the errors of a resolver; graphql-js reports them
   */
  readonly run: (admitted: Admitted, context: OperationContext) => string | Promise<string>;
};

/** The checked arguments of each reading, by its slot. */
type Admitted = readonly unknown[];

/** The plan of an operation, or the reason why it has none. */
type Planned = { readonly plan: Plan } | { readonly plan: null; readonly reason: NoPlanReason };

export type PlanOf = (valid: ValidOperation) => Planned;

/**
 * Compiles plans. Each operation is compiled once while its document is kept.
 * @param maxUpstreamCalls the maximum number of upstream calls that an operation may need; a plan refuses others
 */
export function createPlanner(schema: GraphQLSchema, maxUpstreamCalls: number): PlanOf {
  notePlainFields(schema);
  const plans = new WeakMap<OperationDefinitionNode, Planned>();
  return ({ document, operation }) => {
    const known = plans.get(operation);
    if (known !== undefined) return known;
    const planned = tryToPlan(schema, { document, operation }, maxUpstreamCalls);
    plans.set(operation, planned);
    return planned;
  };
}

function tryToPlan(schema: GraphQLSchema, valid: ValidOperation, maxUpstreamCalls: number): Planned {
  try {
    return { plan: compilePlan(schema, valid, maxUpstreamCalls) };
  } catch (error) {
    if (error instanceof Unplannable) return { plan: null, reason: error.reason };
    throw error;
  }
}

/** @throws Unplannable */
function compilePlan(
  schema: GraphQLSchema,
  { document, operation }: ValidOperation,
  maxUpstreamCalls: number,
): Plan {
  const query = schema.getQueryType();
  if (operation.operation !== OperationTypeNode.QUERY || !query) throw new Unplannable("subscription");
  if (hasDirectives(document)) throw new Unplannable("directives");
  const selecting = { schema, fragments: fragmentsOf(document), variables: {} };
  const { roots, readings, render } = compileOperation(selecting, query, operation);
  const coerce = compileVariables(schema, operation.variableDefinitions ?? []);

  const admit = (variables: Values, context: OperationContext): Admitted => {
    const requests = readings.map(({ spec, field, node }) =>
      spec.parse?.(getArgumentValues(field, node, variables), context),
    );
    const costs = roots.map((root) => rootCostOf(root, requests));
    checkRootCosts(costs, maxUpstreamCalls, context);
    return requests;
  };
  const readAndWrite = function* (requests: Admitted, context: OperationContext): MaybeAsync<string> {
    const values: unknown[] = [];
    yield* readAll(roots, undefined, { requests, context, values });
    return render(values);
  };
  return {
    operation,
    coerce,
    admit,
    run: (admitted, context) => run(readAndWrite(admitted, context)),
  };
}

function rootCostOf(root: Reading, requests: Admitted): RootCost {
  const named = root.spec.jobs?.(requests[root.slot]) ?? { named: 0, jobs: () => [] };
  const prices: Price[] = [];
  addPrices(prices, root, requests, undefined);
  return { ...named, prices };
}

function addPrices(
  prices: Price[],
  { spec, slot, below }: Reading,
  requests: Admitted,
  above: unknown,
): void {
  const request = requests[slot];
  const price = spec.price?.(request, above);
  if (price !== undefined) prices.push(price);
  for (const reading of below) addPrices(prices, reading, requests, request);
}

/** One execution of a plan. */
type Execution = {
  readonly requests: Admitted;
  readonly context: OperationContext;
  /** The values read, by slot. */
  readonly values: unknown[];
};

/** Reads fields in parallel, and then the fields below them. */
function readAll(readings: readonly Reading[], source: unknown, execution: Execution): MaybeAsync<unknown[]> {
  return allOf(readings.map((reading) => readOne(reading, source, execution)));
}

// Not inside another function: V8 keeps everything that a generator object refers to until a full garbage collection.
function* readOne(reading: Reading, source: unknown, execution: Execution): MaybeAsync<unknown> {
  const { spec, slot, needs, below } = reading;
  const { requests, context, values } = execution;
  const value = yield* waitFor(spec.read(source, requests[slot], context, needs));
  values[slot] = value;
  if (below.length > 0 && value !== null && value !== undefined) yield* readAll(below, value, execution);
  return value;
}

function hasDirectives(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Directive: () => {
      found = true;
      return BREAK;
    },
  });
  return found;
}
