import {
  type FollowEventsSubscription,
  type FollowEventsSubscriptionVariables,
} from "../generated/graphql.js";
import { type LiveClient } from "./live-client.js";

/** One batch of a followed log. A batch without events is a heartbeat, which also contains `asOf` and `isStale`. */
export type FollowedBatch = Omit<FollowEventsSubscription["trainingJobEvents"], "asOf"> & {
  /** The batch shows the log as it was at this time; null if the query does not select it. */
  readonly asOf: string | null;
  /** True if ModelArts removed events before this batch while the connection was down. */
  readonly hasGap: boolean;
};

/** The state of the subscription, to be shown to the user. */
export type FollowState =
  | { readonly state: "connecting" }
  /**
   * Batches arrive. `caughtUp` is true if the log has no further events at this moment. `isStale` is true if ModelArts
   * fails and the log is shown as it was at the time `asOf`; null if the query does not select it.
   */
  | {
      readonly state: "following";
      readonly caughtUp: boolean;
      readonly isStale: boolean;
      readonly asOf: string | null;
    }
  /** The connection is lost. The next attempt starts after `retryInMs`. */
  | { readonly state: "waiting"; readonly retryInMs: number; readonly failure: unknown }
  /** A new token is requested. */
  | { readonly state: "signing-in" };

export type FollowOptions = {
  /** A client of graphql-ws or graphql-sse, created with `retryAttempts: 0`. */
  readonly client: LiveClient;
  /** The job, the filter and the start: `after` a cursor, or with the newest `last` events. */
  readonly variables: FollowEventsSubscriptionVariables;
  /** Gets a new token after UNAUTHENTICATED. Without it, UNAUTHENTICATED ends the iteration. */
  readonly renewToken?: () => unknown;
  readonly onState?: (state: FollowState) => void;
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal;
  /**
   * A connection without any batch for this time counts as lost. Default: 45,000; the gateway sends a batch every 15 s.
   */
  readonly silenceMs?: number;
  /** The first wait before a reconnection. Default: 500. */
  readonly firstWaitMs?: number;
  /** The longest wait before a reconnection. Default: 30,000. */
  readonly longestWaitMs?: number;
  /**
   * Another text for the subscription `trainingJobEvents`. It must select `edges`, `endCursor` and `caughtUp`. If it
   * omits `lateEdges` and `missed`, batches have no late events.
   */
  readonly query?: string;
};
