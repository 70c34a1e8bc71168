import { type FieldPolicy, type TypePolicies } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";
import { keepNewer, type ListedEdge } from "../lists/place-events.js";

/** The value of the field, as far as the policy reads it. */
type Page = {
  readonly edges?: readonly ListedEdge[];
  readonly pageInfo?: object;
};
type Arguments = Readonly<Record<string, unknown>> | null;

/**
 * For `TrainingJob.events`: joins pages in both directions, a list for each filter and order. Counts alone
 * (`first: 0`) and pages around a place are kept apart, so that they change no list.
 */
export function eventsFieldPolicy(): FieldPolicy {
  const pages = relayStylePagination();
  return {
    ...pages,
    keyArgs: (args) => ["filter", "order", ...apart(args)],
    merge(existing: Page | undefined, incoming: Page | null, options) {
      // A failure nulls the field. The policy alone would make an empty list of that, and cache it.
      if (incoming === null) return existing ?? null;
      const page = isReload(options.args) ? withNewer(existing, incoming) : incoming;
      return typeof pages.merge === "function"
        ? (pages.merge(existing as never, page as never, options as never) as unknown)
        : page;
    },
  };
}

/** The arguments that make a page one of its own. */
function apart(args: Arguments): string[] {
  const places = ["aroundTime", "aroundEvent", "page"].filter((name) => args?.[name]);
  return [...places, ...["first", "last"].filter((name) => args?.[name] === 0)];
}

/** Whether the page is the first one of a list with the newest event in front. */
function isReload(args: Arguments): boolean {
  const isElsewhere = ["after", "before", "last"].some((name) => args?.[name]);
  return !isElsewhere && apart(args).length === 0 && args?.["order"] !== "OLDEST_FIRST";
}

/** A page that was loaded again can be older than the events that a stream has put in front of the list. */
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
    // An event belongs to its edge; an entry of its own for each would only cost memory.
    TrainingJobEvent: { keyFields: false },
  };
}
