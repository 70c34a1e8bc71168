import { type GatewayError } from "../../errors.js";
import { type EventsAnswer } from "../client.js";

/**
 * How one try ended. `refused` is an answer that says no and is no fault of the upstream's (4xx, throttling),
 * `failed` is its fault (network, time-outs, 5xx, invalid answers), `abandoned` tells nothing of it: the caller left,
 * or its deadline cut the try short.
 */
export type TryOutcome =
  { readonly kind: "answered"; readonly answer: EventsAnswer; readonly requestId: string | null } | FailedTry;

/** A try without a good answer, whatever was asked for. */
export type FailedTry = {
  readonly kind: "refused" | "failed" | "abandoned";
  readonly error: GatewayError;
  /** Whether another try may help. */
  readonly retry: boolean;
  /** What went wrong where the status does not say it; for logs, free of the upstream's text. */
  readonly fault: string | null;
};
