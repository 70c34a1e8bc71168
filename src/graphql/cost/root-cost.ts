import { type OperationContext } from "../context.js";
import { tooComplex } from "../limits.js";
import { type NamedJobs } from "../plan/field-spec.js";
import { type PartPrice, type Price } from "./price.js";
import { type TrainingJobSource } from "../training-job.js";

/** The maximum number of events of one operation: the sum of the sizes of its pages. */
export const MAX_ROWS = 10_000;

/** The maximum number of jobs that one operation may name, valid or not. Each job takes time even if it is not read. */
export const MAX_JOBS = 1_000;

/** The cost of one root field: its jobs, and the prices of the fields below it, for each job. */
export type RootCost = NamedJobs & { readonly prices: readonly Price[] };

const NONE: readonly RootCost[] = [];
/** The costs of the admitted operations of each batch. */
const batches = new WeakMap<object, RootCost[]>();

/** The costs of the operations of the same batch that were admitted before; none outside of a batch. */
export function costsBefore({ batch }: OperationContext): readonly RootCost[] {
  return batch === undefined ? NONE : (batches.get(batch) ?? NONE);
}

/** Counts the costs of an admitted operation for the operations of the batch that follow. */
export function addToBatch(context: OperationContext, costs: readonly RootCost[]): void {
  if (context.batch !== undefined) batches.set(context.batch, [...costsBefore(context), ...costs]);
}

/**
 * Refuses a query by the costs of its root fields. In a batch, the costs of the operations before it are added.
 * @throws GraphQLError that contains an OPERATION_TOO_COMPLEX error
 */
export function checkRootCosts(
  costs: readonly RootCost[],
  maxUpstreamCalls: number,
  context: OperationContext,
): void {
  const before = costsBefore(context);
  checkNames(costs, before);
  const excess = excessOf(costs, maxUpstreamCalls, before);
  if (excess !== null) throw tooComplex(excess);
  addToBatch(context, costs);
}

/**
 * Refuses a query that names too many jobs. A body of 256 KiB can name so many that their check would block other
 * requests.
 * @param before the costs of the operations before it in a batch
 */
export function checkNames(own: readonly RootCost[], before: readonly RootCost[]): void {
  const named = withBefore(own, before).reduce((sum, cost) => sum + cost.named, 0);
  if (named > MAX_JOBS) {
    throw tooComplex(`${subjectOf(before)} names ${named} jobs; at most ${MAX_JOBS} are allowed.`);
  }
}

/**
 * The reason why a query with these root fields is too expensive; null if it is not.
 * @param before the costs of the operations before it in a batch
 */
export function excessOf(
  own: readonly RootCost[],
  maxUpstreamCalls: number,
  before: readonly RootCost[],
): string | null {
  const costs = withBefore(own, before);
  const rows = costs.reduce((sum, cost) => sum + cost.named * rowsPerJob(cost), 0);
  // Before the calls, because this limits the number of logs to compare.
  if (rows > MAX_ROWS) {
    return `${subjectOf(before)} asks for ${rows} events in all; at most ${MAX_ROWS} are allowed.`;
  }
  // Finding equal logs takes longer than reading a page. So first assume that all logs differ.
  if (mostCalls(costs) <= maxUpstreamCalls) return null;
  const calls = countCalls(costs).total;
  return calls > maxUpstreamCalls
    ? `${subjectOf(before)} could need ${calls} upstream calls; at most ${maxUpstreamCalls} are allowed.`
    : null;
}

function withBefore(own: readonly RootCost[], before: readonly RootCost[]): readonly RootCost[] {
  return before.length === 0 ? own : [...before, ...own];
}

function subjectOf(before: readonly RootCost[]): string {
  return before.length === 0 ? "The operation" : "The batch up to this operation";
}

/** The events that a root field requests of each of its jobs. A job without pages counts as one event. */
export function rowsPerJob({ prices }: RootCost): number {
  return Math.max(sumOf(prices, "rows"), 1);
}

function mostCalls(costs: readonly RootCost[]): number {
  return costs.reduce((sum, { named, prices }) => sum + named * sumOf(prices, "calls"), 0);
}

function sumOf(prices: readonly Price[], what: "rows" | "calls"): number {
  return prices.reduce((sum, price) => sum + price[what], 0);
}

/** Upstream calls by the part that they read. If a part has several prices, the highest counts. */
export class CallCount {
  readonly #byPart = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(job: TrainingJobSource, parts: readonly PartPrice[]): void {
    for (const part of parts) {
      this.#total += this.#missing(job, part);
      const name = nameOf(job, part);
      this.#byPart.set(name, Math.max(part.calls, this.#byPart.get(name) ?? 0));
    }
  }

  /** Adds a job if the total then is at most `max`. @param parts each key once */
  addWithin(max: number, job: TrainingJobSource, parts: readonly PartPrice[]): boolean {
    let total = this.#total;
    for (const part of parts) {
      total += this.#missing(job, part);
      if (total > max) return false;
    }
    this.add(job, parts);
    return true;
  }

  #missing(job: TrainingJobSource, part: PartPrice): number {
    return Math.max(0, part.calls - (this.#byPart.get(nameOf(job, part)) ?? 0));
  }
}

function nameOf({ id, projectId }: TrainingJobSource, { key }: PartPrice): string {
  // IDs contain no slash.
  return `${projectId}/${id}/${key}`;
}

export function countCalls(costs: readonly RootCost[]): CallCount {
  const count = new CallCount();
  for (const { jobs, prices } of costs) {
    const parts = prices.flatMap((price) => price.parts());
    for (const job of jobs()) if (job !== null) count.add(job, parts);
  }
  return count;
}
