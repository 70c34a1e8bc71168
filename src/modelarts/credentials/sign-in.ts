import { type CallContext, type EventsRequest } from "../client.js";
import { type TryOutcome } from "../calls/try-outcome.js";

/** Signs in to ModelArts with the gateway's own credentials, for callers that send none. */
export type SignIn = {
  /**
   * Prepares one try. It may wait, until the call's deadline at most.
   * @throws GatewayError if the gateway's credentials are refused or not available
   */
  readonly enter: (request: EventsRequest, call: CallContext) => Promise<SignInAttempt>;
  /** Aborts all sign-ins in flight. */
  readonly close: () => void;
};

/** The permission to make one try. */
export type SignInAttempt = {
  /**
   * Makes the headers; call it right before the try is sent.
   * @param path the path of the request, with its query
   * @throws GatewayError if the credentials have been refused since `enter`
   */
  readonly authHeaders: (path: string) => AuthHeaders;
  /**
   * Ends the attempt; call it exactly once.
   * @param outcome null if the try was not made
   * @returns whether the call may be tried once more with new credentials
   */
  readonly end: (outcome: TryOutcome | null) => boolean;
};

/** The credentials of one try. */
export type AuthHeaders = {
  readonly headers: Readonly<Record<string, string>>;
  /** The part that must be removed from the upstream's text. */
  readonly secret: string;
};

/** Whether the upstream accepted the credentials of a try; null if the outcome does not show it. */
export type CredentialsResult = "accepted" | "refused" | null;

/**
 * Reads from the outcome of a try whether the upstream accepted the credentials. Throttling, an unknown path and server
 * errors do not show it, because an API gateway may send them before or after it checks the credentials.
 */
export function credentialsResultOf(outcome: TryOutcome | null): CredentialsResult {
  if (outcome?.kind === "answered") return "accepted";
  if (outcome?.kind !== "refused") return null;
  const { code } = outcome.error;
  if (code === "UNAUTHENTICATED") return "refused";
  return code === "FORBIDDEN" || code === "TRAINING_JOB_NOT_FOUND" ? "accepted" : null;
}
