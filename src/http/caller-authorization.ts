import { type GatewayError } from "../errors.js";

/** The projects that a caller may read. `key` is the same for equal sets. */
export type AllowedProjects = { readonly key: string; readonly has: (projectId: string) => boolean };

/** Whether a caller may use the gateway. */
export type CallerAuthorization = {
  /** The error that the caller gets; null where it may use the gateway. */
  readonly refusal: GatewayError | null;
  /** Until when this is known without another check, in milliseconds since the epoch. */
  readonly untilMs: number;
  /** Tells callers apart; a hash, from which nothing can be read back. Left out for callers without credentials. */
  readonly caller?: string;
  /** Left out where the caller may read every project. */
  readonly projects?: AllowedProjects;
};

/** The authorization of callers who need no credentials for the gateway itself. */
export const ALLOWED: CallerAuthorization = { refusal: null, untilMs: Infinity };
