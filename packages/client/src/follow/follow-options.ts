import {
  type FollowEventsSubscription,
  type FollowEventsSubscriptionVariables,
} from "../generated/graphql.js";
import { type LiveClient } from "./live-client.js";

/** One batch of a followed log. Without events it is a heartbeat, which also tells `asOf` and `isStale`. */
export type FollowedBatch = Omit<FollowEventsSubscription["trainingJobEvents"], "asOf"> & {
  /** The log is shown as it was at this time; null where the query does not select it. */
  readonly asOf: string | null;
  /** True where ModelArts removed events before this batch while the connection was down. */
  readonly hasGap: boolean;
};

/** The progress of following, to be shown to the user. */
export type FollowState =
  | { readonly state: "connecting" }
  /**
   * Batches arrive. `caughtUp` says whether the log holds nothing more at this moment. `isStale`: ModelArts fails, and
   * the events are those of the time `asOf`; null where the query does not select it.
   */
  | {
      readonly state: "following";
      readonly caughtUp: boolean;
      readonly isStale: boolean;
      readonly asOf: string | null;
    }
  /** The stream is broken; the next try starts after `retryInMs`. */
  | { readonly state: "waiting"; readonly retryInMs: number; readonly failure: unknown }
  /** A new token is requested. */
  | { readonly state: "signing-in" };

export type FollowOptions = {
  /** A client of graphql-ws or graphql-sse, created with `retryAttempts: 0`. */
  readonly client: LiveClient;
  /** The job, the filter, and where to begin: `after` a cursor, or with the `last` events. */
  readonly variables: FollowEventsSubscriptionVariables;
  /** Gets a new token after UNAUTHENTICATED. Without it, UNAUTHENTICATED ends the iteration. */
  readonly renewToken?: () => unknown;
  readonly onState?: (state: FollowState) => void;
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal;
  /** A connection without any batch for this long is dead. Default: 45,000; the gateway sends one every 15 s. */
  readonly silenceMs?: number;
  /** The first wait before a reconnection. Default: 500. */
  readonly firstWaitMs?: number;
  /** The longest wait before a reconnection. Default: 30,000. */
  readonly longestWaitMs?: number;
  /**
   * Another text for the subscription `trainingJobEvents`; it must select `edges`, `endCursor` and `caughtUp`. Where it
   * leaves out `lateEdges` and `missed`, batches have none.
   */
  readonly query?: string;
};
