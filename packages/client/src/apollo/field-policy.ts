import { type FieldPolicy, type TypePolicies } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";
import { keepNewer, type ListedEdge } from "../lists/place-events.js";

/** The parts of the field's value that the policy reads. */
type Page = {
  readonly edges?: readonly ListedEdge[];
  readonly pageInfo?: object;
};
type Arguments = Readonly<Record<string, unknown>> | null;

/**
 * For `TrainingJob.events`: joins pages in both directions to one list for each filter and order. Requests for counts
 * only (`first: 0`) and pages around a place are stored separately, so they do not change a list.
 */
export function eventsFieldPolicy(): FieldPolicy {
  const pages = relayStylePagination();
  return {
    ...pages,
    keyArgs: (args) => ["filter", "order", ...apart(args)],
    merge(existing: Page | undefined, incoming: Page | null, options) {
      // After a failure the field is null. Without this check, the policy would store an empty list.
      if (incoming === null) return existing ?? null;
      const page = isReload(options.args) ? withNewer(existing, incoming) : incoming;
      return typeof pages.merge === "function"
        ? (pages.merge(existing as never, page as never, options as never) as unknown)
        : page;
    },
  };
}

/** The arguments that separate a page from all lists. */
function apart(args: Arguments): string[] {
  const places = ["aroundTime", "aroundEvent", "page"].filter((name) => args?.[name]);
  return [...places, ...["first", "last"].filter((name) => args?.[name] === 0)];
}

/** Whether the page is the first one of a list in the order NEWEST_FIRST. */
function isReload(args: Arguments): boolean {
  const isElsewhere = ["after", "before", "last"].some((name) => args?.[name]);
  return !isElsewhere && apart(args).length === 0 && args?.["order"] !== "OLDEST_FIRST";
}

/** A page that is loaded again can be older than events that a stream has added at the start of the list. */
function withNewer(existing: Page | undefined, page: Page): Page {
  if (existing?.edges === undefined || page.edges === undefined) return page;
  const edges = keepNewer(existing.edges, page.edges);
  if (edges === page.edges) return page;
  return { ...page, edges, pageInfo: { ...page.pageInfo, startCursor: edges[0]?.cursor } };
}

/** For `new InMemoryCache({ typePolicies })`. Operations must select `id` and `projectId` of the job. */
export function eventTypePolicies(): TypePolicies {
  return {
    TrainingJob: { keyFields: ["projectId", "id"], fields: { events: eventsFieldPolicy() } },
    // Events are stored in their edges. A separate entry for each event would only need memory.
    TrainingJobEvent: { keyFields: false },
  };
}
