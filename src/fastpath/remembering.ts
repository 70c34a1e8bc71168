import { type OperationContext } from "../graphql/context.js";
import { parseEventsArguments } from "../paging/arguments.js";
import { type EventConnection } from "../paging/connection.js";

/**
 * The same context, but that it reads no page twice. Where a plan comes to no answer, Apollo Server runs the operation
 * again, and what failed must not be asked of the upstream a second time.
 */
export function remembering(context: OperationContext): OperationContext {
  const { requestId, defaultProjectId, cache, seal } = context;
  const pages = new Map<string, Promise<EventConnection>>();
  return {
    requestId,
    defaultProjectId,
    cache,
    seal,
    readEvents: (job, args) => {
      // Arguments that mean the same are the same, whoever has read them from the document.
      const key = JSON.stringify([job, parseEventsArguments(args)]);
      const page = pages.get(key) ?? context.readEvents(job, args);
      pages.set(key, page);
      return page;
    },
  };
}
