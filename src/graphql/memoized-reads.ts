import { type EventConnection } from "../paging/connection.js";
import { parseEventsArguments } from "../paging/arguments.js";
import { type OperationContext } from "./context.js";

/**
 * The same context, but that it asks for no page twice. Where a plan comes to no answer, the operation is run again,
 * and what failed must not be asked of the upstream a second time. What is near costs less than to remember it.
 */
export function memoizeReads(context: OperationContext): OperationContext {
  const waitedFor = new Map<string, Promise<EventConnection>>();
  const { requestId, defaultProjectId, cache, seal, freshForMs } = context;
  return {
    requestId,
    defaultProjectId,
    cache,
    seal,
    freshForMs,
    readEvents: (job, args, withCursors) => {
      // Arguments that mean the same are the same, whoever has read them from the document.
      const keyOf = (): string => JSON.stringify([job, parseEventsArguments(args), withCursors]);
      const known = waitedFor.size === 0 ? undefined : waitedFor.get(keyOf());
      if (known !== undefined) return known;
      const page = context.readEvents(job, args, withCursors);
      if (page instanceof Promise) waitedFor.set(keyOf(), page);
      return page;
    },
  };
}
