import { GatewayError } from "../errors.js";

/** A training job and its project. */
export type JobRef = { readonly projectId: string; readonly jobId: string };

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Checks an ID, so that it cannot change the path of the upstream call.
 * @throws GatewayError BAD_USER_INPUT
 */
export function parseId(id: string, argument: string): string {
  if (!ID.test(id)) {
    throw new GatewayError("BAD_USER_INPUT", `${argument} must be 1 to 64 letters, digits, "-" or "_".`, {
      argument,
    });
  }
  return id;
}
