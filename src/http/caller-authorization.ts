import { type GatewayError } from "../errors.js";

/** Whether a caller may ask. */
export type CallerAuthorization = {
  /** Why not; null where it may. */
  readonly refusal: GatewayError | null;
  /** Until when that is known without looking again, in milliseconds since the epoch. */
  readonly untilMs: number;
};

/** The standing of callers of whom no more is asked. */
export const ALLOWED: CallerAuthorization = { refusal: null, untilMs: Infinity };
