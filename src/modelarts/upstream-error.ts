import {
  GatewayError,
  type GatewayErrorCode,
  type GatewayErrorDetails,
  type ModelArtsFault,
} from "../errors.js";

/** The gateway's own messages; the upstream's text is in `extensions.modelArts`. */
const MESSAGES = {
  UNAUTHENTICATED: "ModelArts does not accept the credentials.",
  FORBIDDEN: "ModelArts does not let this caller read the job.",
  TRAINING_JOB_NOT_FOUND: "ModelArts has no training job with this ID.",
  UPSTREAM_BAD_REQUEST: "ModelArts rejected the request.",
  RATE_LIMITED: "ModelArts limits the request rate.",
  UPSTREAM_TIMEOUT: "ModelArts did not answer in time.",
  UPSTREAM_UNAVAILABLE: "ModelArts cannot be reached, or answered with a server error.",
  UPSTREAM_INVALID_RESPONSE: "The answer of ModelArts does not have the documented form.",
  INTERNAL_SERVER_ERROR: "The gateway could not send the call to ModelArts.",
} as const satisfies Partial<Record<GatewayErrorCode, string>>;

/** The fault of a call without an answer. */
export const NO_ANSWER: ModelArtsFault = {
  errorCode: null,
  errorMsg: null,
  httpStatus: null,
  requestId: null,
};

/** The fault of answers that are valid alone but contradict each other. */
export const INCONSISTENT_ANSWERS: ModelArtsFault = { ...NO_ANSWER, httpStatus: 200 };

/** The codes that a call to the upstream can end with. */
export type UpstreamErrorCode = keyof typeof MESSAGES;

/** Makes an error of the upstream, with the message of its code. */
export function upstreamError(
  code: UpstreamErrorCode,
  details: GatewayErrorDetails,
  cause?: unknown,
): GatewayError {
  return new GatewayError(code, MESSAGES[code], details, { cause });
}
