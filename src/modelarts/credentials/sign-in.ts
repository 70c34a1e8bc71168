import { type CallContext, type EventsRequest } from "../client.js";
import { type TryOutcome } from "../calls/try-outcome.js";

/** How the gateway signs in to ModelArts with credentials of its own, where its callers bring none. */
export type SignIn = {
  /**
   * Makes ready for one try; waits where it must, no longer than the call does.
   * @throws GatewayError where the gateway's credentials are refused, or cannot be had
   */
  readonly enter: (request: EventsRequest, call: CallContext) => Promise<SignInAttempt>;
  /** Gives up what is under way. */
  readonly close: () => void;
};

/** Leave to make one try. */
export type SignInAttempt = {
  /**
   * Made right before the try is sent.
   * @param path of the request, with its query
   * @throws GatewayError where the credentials have been refused meanwhile
   */
  readonly proof: (path: string) => AuthHeaders;
  /**
   * Must be called once, whatever became of the try.
   * @param outcome null where it was never made
   * @returns whether it was refused for a proof that another one can replace, so that the call may be tried once more
   */
  readonly end: (outcome: TryOutcome | null) => boolean;
};

/** What a try shows. */
export type AuthHeaders = {
  readonly headers: Readonly<Record<string, string>>;
  /** What the upstream's text must not repeat of it. */
  readonly secret: string;
};

/** What a try says of the credentials that it showed; null where it says nothing. */
export type Verdict = "accepted" | "refused" | null;

/**
 * Reads it from how the try ended. An API gateway throttles, finds no such path or fails before it has looked at
 * credentials or after.
 */
export function verdictOf(outcome: TryOutcome | null): Verdict {
  if (outcome?.kind === "answered") return "accepted";
  if (outcome?.kind !== "refused") return null;
  const { code } = outcome.error;
  if (code === "UNAUTHENTICATED") return "refused";
  return code === "FORBIDDEN" || code === "TRAINING_JOB_NOT_FOUND" ? "accepted" : null;
}
