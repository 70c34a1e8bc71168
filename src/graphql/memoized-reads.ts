import { type EventPage } from "../paging/connection.js";
import { type OperationContext } from "./context.js";

/**
 * The same context, except that it waits for no page twice. Where a plan fails, graphql-js runs the operation again,
 * and a failed read must not go upstream a second time. Pages from the local cache cost less than to remember them.
 */
export function memoizeReads(context: OperationContext): OperationContext {
  const waitedFor = new Map<string, Promise<EventPage>>();
  return {
    ...context,
    readEvents: (job, request, needs) => {
      // Requests that mean the same are the same text, since filters are in canonical form.
      const keyOf = (): string => JSON.stringify([job, request, [...needs]]);
      const known = waitedFor.size === 0 ? undefined : waitedFor.get(keyOf());
      if (known !== undefined) return known;
      const page = context.readEvents(job, request, needs);
      if (page instanceof Promise) waitedFor.set(keyOf(), page);
      return page;
    },
  };
}
