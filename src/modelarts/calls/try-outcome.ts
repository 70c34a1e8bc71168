import { type GatewayError } from "../../errors.js";
import { type EventsAnswer } from "../client.js";
import { type FailureReason } from "./failure-reasons.js";

/**
 * The outcome of one try:
 * - `answered`: a good answer;
 * - `refused`: an error answer that is not the upstream's fault (4xx, throttling);
 * - `failed`: the upstream's fault (network, time-out, 5xx, invalid answer);
 * - `abandoned`: the caller left or its deadline passed, or the gateway could not send it. The upstream is not judged.
 */
export type TryOutcome =
  { readonly kind: "answered"; readonly answer: EventsAnswer; readonly requestId: string | null } | FailedTry;

/** A try without a good answer. */
export type FailedTry = {
  readonly kind: "refused" | "failed" | "abandoned";
  readonly error: GatewayError;
  /** Whether another try may succeed. */
  readonly retry: boolean;
  /** A cause that the status does not show; for logs, without any text of the upstream. */
  readonly fault: string | null;
  readonly reason: FailureReason;
};
