import { type Advice, type FollowState } from "modelarts-events-client";
import { type Edge } from "./pages.js";

export type ListState = {
  /** Newest first. The same array as long as nothing is added. */
  readonly edges: readonly Edge[];
  /** New events that are not in the list yet, newest first; empty where they are too many. */
  readonly pending: readonly Edge[];
  readonly pendingCount: number;
  readonly total: number;
  readonly hasNewer: boolean;
  readonly hasOlder: boolean;
  readonly loading: "first" | "older" | "newer" | null;
  readonly failure: Advice | null;
  readonly live: FollowState | null;
  /** The time whose state the last page shows, where ModelArts does not answer; null where the page is fresh. */
  readonly staleAsOf: string | null;
  readonly hasGap: boolean;
  /** New events that lie too far in the past to be put into the list. */
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
