import { type Advice, type FollowState } from "modelarts-events-client";
import { type Edge } from "./pages.js";

export type ListState = {
  /** Newest first. The same array as long as nothing is added. */
  readonly edges: readonly Edge[];
  /** New events that are not in the list yet, newest first; empty if they are too many. */
  readonly pending: readonly Edge[];
  readonly pendingCount: number;
  readonly total: number;
  readonly hasNewer: boolean;
  readonly hasOlder: boolean;
  readonly loading: "first" | "older" | "newer" | null;
  readonly failure: Advice | null;
  readonly live: FollowState | null;
  /** The time of the state that the last page shows, while ModelArts does not answer; null if the page is fresh. */
  readonly staleAsOf: string | null;
  readonly hasGap: boolean;
  /** The number of late events that the stream did not send, so that the list does not show them. */
  readonly missed: number;
};

export const EMPTY: ListState = {
  edges: [],
  pending: [],
  pendingCount: 0,
  total: 0,
  hasNewer: false,
  hasOlder: false,
  loading: "first",
  failure: null,
  live: null,
  staleAsOf: null,
  hasGap: false,
  missed: 0,
};
