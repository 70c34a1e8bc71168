import { type FollowedBatch, placeEvents } from "modelarts-events-client";
import { type ListState } from "./list-state.js";
import { type Edge } from "./pages.js";

/** More new events than this are only counted. The list then starts again at the newest event, and loses none. */
export const MAX_PENDING = 5_000;
/** A list that follows a job for days forgets its oldest events; they load again when one scrolls there. */
const MAX_EDGES = 200_000;

type Change = Partial<ListState>;

/** The list with the events of a batch. @param isHeld whether new events wait instead of appearing on top */
export function withBatch(
  state: ListState,
  { edges, lateEdges, missed, hasGap }: FollowedBatch,
  isHeld: boolean,
): Change {
  const all = [...edges, ...lateEdges];
  const counted: Change = {
    hasGap: state.hasGap || hasGap,
    missed: state.missed + missed,
    total: state.total + missed + all.length,
  };
  if (all.length === 0) return counted;
  // What belongs behind the loaded events comes with the next older page.
  const end = state.hasOlder ? (state.edges.at(-1)?.node.time ?? "") : "";
  const added = all.filter(({ node }) => node.time >= end);
  return {
    ...counted,
    ...(isHeld ? withWaiting(state, added) : bounded(placeEvents(state.edges, added))),
  };
}

/** The list with the new events that have waited; null where they are too many to be kept. */
export function withPending({ edges, pending, pendingCount }: ListState): Change | null {
  if (pendingCount > pending.length) return null;
  return { ...bounded([...pending, ...edges]), pending: [], pendingCount: 0 };
}

function withWaiting({ edges, pending, pendingCount }: ListState, added: readonly Edge[]): Change {
  const newest = edges[0]?.node.time ?? "";
  // An event with an older time goes to its place at once: the rows on the screen stay where they are.
  const late = added.filter(({ node }) => node.time < newest);
  const fresh = added.filter(({ node }) => node.time >= newest);
  const count = pendingCount + fresh.length;
  return {
    ...(late.length > 0 && { edges: placeEvents(edges, late) }),
    pendingCount: count,
    pending: count > MAX_PENDING ? [] : placeEvents(pending, fresh),
  };
}

function bounded(edges: readonly Edge[]): Change {
  return edges.length <= MAX_EDGES ? { edges } : { edges: edges.slice(0, MAX_EDGES), hasOlder: true };
}
