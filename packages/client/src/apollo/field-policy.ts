import { type FieldPolicy, type TypePolicies } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";

/** For `TrainingJob.events`: joins pages in both directions, a list for each filter and order. */
export function eventsFieldPolicy(): FieldPolicy {
  const pages = relayStylePagination(["filter", "order"]);
  return {
    ...pages,
    // A failure nulls the field. The policy alone would make an empty list of that, and cache it.
    merge(existing, incoming, options) {
      if (incoming === null) return (existing as unknown) ?? null;
      return typeof pages.merge === "function"
        ? (pages.merge(existing as never, incoming as never, options as never) as unknown)
        : (incoming as unknown);
    },
  };
}

/** For `new InMemoryCache({ typePolicies })`. Operations must select `id` and `projectId` of the job. */
export function eventTypePolicies(): TypePolicies {
  return {
    TrainingJob: { keyFields: ["projectId", "id"], fields: { events: eventsFieldPolicy() } },
    // An event belongs to its edge; an entry of its own for each would only cost memory.
    TrainingJobEvent: { keyFields: false },
  };
}
