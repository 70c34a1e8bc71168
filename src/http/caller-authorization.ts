import { type GatewayError } from "../errors.js";

/** The projects that a caller may read. `key` is the same for equal sets. */
export type AllowedProjects = { readonly key: string; readonly has: (projectId: string) => boolean };

/** Whether a caller may use the gateway. */
export type CallerAuthorization = {
  /** The error for the caller; null if it may use the gateway. */
  readonly refusal: GatewayError | null;
  /** This result is valid until then, in milliseconds since the epoch. */
  readonly untilMs: number;
  /** A hash that identifies the caller without revealing its credentials. Missing for callers without credentials. */
  readonly caller?: string;
  /** Missing if the caller may read all projects. */
  readonly projects?: AllowedProjects;
};

/** The authorization of a caller that needs no credentials for the gateway itself. */
export const ALLOWED: CallerAuthorization = { refusal: null, untilMs: Infinity };
