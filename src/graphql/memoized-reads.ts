import { type EventList } from "../paging/connection.js";
import { type OperationContext } from "./context.js";

/**
 * Returns the context with memoized reads. If a plan fails, graphql-js runs the operation again, and a read must not go
 * upstream or be counted a second time. Reads from the local cache are not memoized, because a second read is cheaper.
 */
export function memoizeReads(context: OperationContext): OperationContext {
  const pending = new Map<string, Promise<unknown>>();
  const once = <T>(keyOf: () => string, read: () => T | Promise<T>): T | Promise<T> => {
    const known = pending.size === 0 ? undefined : pending.get(keyOf());
    if (known !== undefined) return known as Promise<T>;
    const value = read();
    if (value instanceof Promise) pending.set(keyOf(), value);
    return value;
  };
  const { readEvents, counts } = context;
  // Equal requests have equal texts, because filters are in canonical form.
  return {
    ...context,
    readEvents: (job, request, needs) =>
      once(
        () => JSON.stringify([job, request, [...needs]]),
        () => readEvents(job, request, needs),
      ),
    counts: {
      byLevel: (list) =>
        once(
          () => JSON.stringify(["level", keyOfList(list)]),
          () => counts.byLevel(list),
        ),
      bySource: (list) =>
        once(
          () => JSON.stringify(["source", keyOfList(list)]),
          () => counts.bySource(list),
        ),
      byTime: (list, request) =>
        once(
          () => JSON.stringify(["time", keyOfList(list), request]),
          () => counts.byTime(list, request),
        ),
    },
  };
}

/** The parts of a list that identify it; its rows are left out. */
function keyOfList({ job, filter, totals }: EventList): unknown[] {
  return [job, filter, totals];
}
