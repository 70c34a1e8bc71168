import { type GatewayError } from "../errors.js";

/** Whether a caller may use the gateway. */
export type CallerAuthorization = {
  /** The error that the caller gets; null where it may use the gateway. */
  readonly refusal: GatewayError | null;
  /** Until when this is known without another check, in milliseconds since the epoch. */
  readonly untilMs: number;
};

/** The authorization of callers who need no credentials for the gateway itself. */
export const ALLOWED: CallerAuthorization = { refusal: null, untilMs: Infinity };
