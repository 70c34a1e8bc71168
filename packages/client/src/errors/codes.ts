import { type GatewayErrorCode } from "../generated/enums.js";

/** Every code of the gateway, and whether the same request can succeed later. */
export const GATEWAY_ERROR_CODES = {
  BAD_USER_INPUT: { retryable: false },
  INVALID_CURSOR: { retryable: false },
  CURSOR_EXPIRED: { retryable: false },
  UNAUTHENTICATED: { retryable: false },
  FORBIDDEN: { retryable: false },
  TRAINING_JOB_NOT_FOUND: { retryable: false },
  UPSTREAM_BAD_REQUEST: { retryable: false },
  RATE_LIMITED: { retryable: true },
  UPSTREAM_TIMEOUT: { retryable: true },
  UPSTREAM_UNAVAILABLE: { retryable: true },
  UPSTREAM_INVALID_RESPONSE: { retryable: true },
  OPERATION_TOO_COMPLEX: { retryable: false },
  INTERNAL_SERVER_ERROR: { retryable: false },
} as const satisfies Record<GatewayErrorCode, { retryable: boolean }>;

/** Narrows any value to a code of the gateway. */
export function isGatewayErrorCode(code: unknown): code is GatewayErrorCode {
  return typeof code === "string" && Object.hasOwn(GATEWAY_ERROR_CODES, code);
}
