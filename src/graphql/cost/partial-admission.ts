import { type OperationContext } from "../context.js";
import { tooComplex } from "../limits.js";
import { type PartPrice } from "./price.js";
import {
  addToBatch,
  costsBefore,
  countCalls,
  excessOf,
  MAX_ROWS,
  type RootCost,
  rowsPerJob,
} from "./root-cost.js";

/** A root field under its key in the answer. */
export type KeyedCost = RootCost & { readonly key: string };

/** The jobs of lists that exceed the limits of an operation: their indexes by the key of the list. */
type RefusedJobs = ReadonlyMap<string, ReadonlySet<number>>;

/** The refused jobs by operation. Only operations that are answered in part have an entry. */
const refusals = new WeakMap<OperationContext, RefusedJobs>();

/** The jobs of a list that exceed the limits of an operation; undefined if none does. */
export function refusedAt(context: OperationContext, key: string | number): ReadonlySet<number> | undefined {
  return refusals.get(context)?.get(String(key));
}

/**
 * Admits the parts of an operation that its limits allow. An operation without lists is admitted or refused as a whole.
 * In a list of jobs, the jobs that exceed a limit are refused, in the order of the list.
 * @throws GraphQLError that contains an OPERATION_TOO_COMPLEX error
 */
export function admitInPart(
  costs: readonly KeyedCost[],
  maxUpstreamCalls: number,
  context: OperationContext,
): void {
  const before = costsBefore(context);
  const excess = excessOf(costs, maxUpstreamCalls, before);
  if (excess === null) {
    addToBatch(context, costs);
    return;
  }
  const whole = costs.filter(({ isList }) => isList !== true);
  if (whole.length === costs.length || excessOf(whole, maxUpstreamCalls, before) !== null) {
    throw tooComplex(excess);
  }
  const refused = refuseJobs([...before, ...whole], costs, maxUpstreamCalls);
  refusals.set(context, refused);
  addToBatch(
    context,
    costs.map((cost) => withoutJobs(cost, refused.get(cost.key))),
  );
}

/** The cost of a root field without some jobs of its list. */
function withoutJobs(cost: KeyedCost, refused: ReadonlySet<number> | undefined): RootCost {
  if (refused === undefined) return cost;
  const jobs = () => cost.jobs().filter((_job, index) => !refused.has(index));
  return { ...cost, named: cost.named - refused.size, jobs };
}

function refuseJobs(
  whole: readonly RootCost[],
  costs: readonly KeyedCost[],
  maxUpstreamCalls: number,
): RefusedJobs {
  const calls = countCalls(whole);
  let rows = whole.reduce((sum, cost) => sum + cost.named * rowsPerJob(cost), 0);
  const refused = new Map<string, Set<number>>();
  for (const cost of costs) {
    if (cost.isList !== true) continue;
    const indexes = new Set<number>();
    refused.set(cost.key, indexes);
    const [each, parts] = [rowsPerJob(cost), partsOf(cost)];
    for (const [index, job] of cost.jobs().entries()) {
      const fits = rows + each <= MAX_ROWS && (job === null || calls.addWithin(maxUpstreamCalls, job, parts));
      if (fits) rows += each;
      else indexes.add(index);
    }
  }
  return refused;
}

/** Removes duplicate parts. Otherwise many aliases of one log would cause a comparison for each job and alias. */
function partsOf({ prices }: RootCost): PartPrice[] {
  const byKey = new Map<string, PartPrice>();
  for (const part of prices.flatMap((price) => price.parts())) {
    const known = byKey.get(part.key);
    if (known === undefined || known.calls < part.calls) byKey.set(part.key, part);
  }
  return [...byKey.values()];
}
