import { type OperationContext } from "./context.js";

/**
 * The same context, except that it waits for no page and no counts twice. Where a plan fails, graphql-js runs the
 * operation again, and a read must neither go upstream nor be counted a second time. What comes from the local cache
 * costs less than to remember it.
 */
export function memoizeReads(context: OperationContext): OperationContext {
  const waitedFor = new Map<string, Promise<unknown>>();
  const once = <T>(keyOf: () => string, read: () => T | Promise<T>): T | Promise<T> => {
    const known = waitedFor.size === 0 ? undefined : waitedFor.get(keyOf());
    if (known !== undefined) return known as Promise<T>;
    const value = read();
    if (value instanceof Promise) waitedFor.set(keyOf(), value);
    return value;
  };
  const { readEvents, counts } = context;
  // Requests that mean the same are the same text, since filters are in canonical form.
  return {
    ...context,
    readEvents: (job, request, needs) =>
      once(
        () => JSON.stringify([job, request, [...needs]]),
        () => readEvents(job, request, needs),
      ),
    counts: {
      byLevel: (origin) =>
        once(
          () => JSON.stringify(["level", origin]),
          () => counts.byLevel(origin),
        ),
      bySource: (origin) =>
        once(
          () => JSON.stringify(["source", origin]),
          () => counts.bySource(origin),
        ),
      byTime: (origin, request) =>
        once(
          () => JSON.stringify(["time", origin, request]),
          () => counts.byTime(origin, request),
        ),
    },
  };
}
