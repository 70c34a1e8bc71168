import {
  GatewayError,
  type GatewayErrorCode,
  type GatewayErrorDetails,
  type ModelArtsFault,
} from "../errors.js";

/** The gateway's own sentences; what the upstream said goes into `extensions.modelArts`. */
const MESSAGES = {
  UNAUTHENTICATED: "ModelArts does not accept the credentials.",
  FORBIDDEN: "ModelArts refuses this caller.",
  TRAINING_JOB_NOT_FOUND: "ModelArts knows no such training job.",
  UPSTREAM_BAD_REQUEST: "ModelArts refuses the request.",
  RATE_LIMITED: "ModelArts throttles requests.",
  UPSTREAM_TIMEOUT: "ModelArts gave no answer in time.",
  UPSTREAM_UNAVAILABLE: "ModelArts cannot be reached, or fails.",
  UPSTREAM_INVALID_RESPONSE: "ModelArts gave an answer of another shape than documented.",
  INTERNAL_SERVER_ERROR: "The call to ModelArts could not be made.",
} as const satisfies Partial<Record<GatewayErrorCode, string>>;

/** The fault of a call that had no answer. */
export const NO_ANSWER: ModelArtsFault = {
  errorCode: null,
  errorMsg: null,
  httpStatus: null,
  requestId: null,
};

/** The fault of answers that were good one by one, and do not fit together. */
export const UNFITTING_ANSWER: ModelArtsFault = { ...NO_ANSWER, httpStatus: 200 };

/** The codes that a call to the upstream can end with. */
export type UpstreamErrorCode = keyof typeof MESSAGES;

/** An error of the upstream, with the sentence that its code has. */
export function upstreamError(
  code: UpstreamErrorCode,
  details: GatewayErrorDetails,
  cause?: unknown,
): GatewayError {
  return new GatewayError(code, MESSAGES[code], details, { cause });
}
