import {
  AllEventsDocument,
  type AllEventsQuery,
  EventInContextDocument,
  EventsAroundTimeDocument,
  EventsSinceDocument,
  type TrainingJobEventFilter,
} from "modelarts-events-client";
import { type Gateway } from "../gateway.js";
import { type View } from "../view.js";

type Connection = NonNullable<NonNullable<AllEventsQuery["trainingJob"]>["events"]>;
export type Edge = Connection["edges"][number];

/** Some neighbouring events, newest first. */
export type Page = {
  readonly edges: readonly Edge[];
  readonly hasNewer: boolean;
  readonly hasOlder: boolean;
  /** Null if the page does not contain it. */
  readonly total: number | null;
  /** The time of the state that the page shows, while ModelArts does not answer. */
  readonly staleAsOf: string | null;
};

/** The pages of one view. @throws the client's error */
export type Pages = {
  /** The page that the view opens: around its event, around its time, or the newest. */
  first(): Promise<Page>;
  older(after: string): Promise<Page>;
  newer(before: string): Promise<Page>;
  /** An error that is older than an event, or in the same second but not newer; null if there is none. */
  errorBehind(edge: Edge, isKnown: (edge: Edge) => boolean): Promise<string | null>;
};

const SIZE = 100;
/** The maximum number of errors of one second that may already be known. */
const ERRORS = 40;

type Found = {
  readonly totalCount?: number;
  readonly asOf: string;
  readonly isStale: boolean;
  readonly edges: readonly Edge[];
  readonly pageInfo: { readonly hasPreviousPage?: boolean; readonly hasNextPage?: boolean };
};

function pageOf(data: { readonly trainingJob: { readonly events: Found | null } | null }): Page {
  const events = data.trainingJob?.events;
  if (!events) throw new Error("The answer has no events and no error.");
  const { edges, pageInfo, totalCount = null, asOf, isStale } = events;
  const { hasPreviousPage = false, hasNextPage = false } = pageInfo;
  return {
    edges,
    hasNewer: hasPreviousPage,
    hasOlder: hasNextPage,
    total: totalCount,
    staleAsOf: isStale ? asOf : null,
  };
}

export function pagesOf(gateway: Gateway, view: View, filter: TrainingJobEventFilter): Pages {
  const { execute } = gateway;
  const variables = { id: view.job, projectId: view.project, filter };
  const newestFirst = { ...variables, order: "NEWEST_FIRST", first: SIZE } as const;
  return {
    first: async () => {
      const { event, at } = view;
      if (event !== null)
        return pageOf(await execute(EventInContextDocument, { ...variables, event, first: SIZE }));
      if (at !== null)
        return pageOf(await execute(EventsAroundTimeDocument, { ...variables, time: at, first: SIZE }));
      return pageOf(await execute(AllEventsDocument, newestFirst));
    },
    older: async (after) => pageOf(await execute(AllEventsDocument, { ...newestFirst, after })),
    newer: async (before) => pageOf(await execute(EventsSinceDocument, { ...variables, before, last: SIZE })),
    errorBehind: async ({ node: { id, time } }, isKnown) => {
      const { edges } = pageOf(
        await execute(EventInContextDocument, {
          ...variables,
          filter: { ...filter, levels: ["ERROR"] },
          event: id,
          first: ERRORS,
        }),
      );
      return edges.find((edge) => edge.node.time <= time && !isKnown(edge))?.node.id ?? null;
    },
  };
}
