import { expect, test } from "@jest/globals";
import { GATEWAY_ERRORS } from "../../../src/errors.js";
import { type GatewayErrorCode } from "../../generated/enums.js";

/** An exhaustive use of the generated type; the compiler checks that no code is missing. */
const RETRYABLE: Record<GatewayErrorCode, boolean> = {
  BAD_USER_INPUT: false,
  CURSOR_EXPIRED: false,
  FORBIDDEN: false,
  INTERNAL_SERVER_ERROR: false,
  INVALID_CURSOR: false,
  OPERATION_TOO_COMPLEX: false,
  RATE_LIMITED: true,
  TRAINING_JOB_NOT_FOUND: false,
  UNAUTHENTICATED: false,
  UPSTREAM_BAD_REQUEST: false,
  UPSTREAM_INVALID_RESPONSE: true,
  UPSTREAM_TIMEOUT: true,
  UPSTREAM_UNAVAILABLE: true,
};

// @ts-expect-error: the type is closed, so a code that the gateway does not have is none.
const NO_CODE: GatewayErrorCode = "NO_SUCH_CODE";

test("code generators give front ends the error codes as a closed type", () => {
  const kinds = Object.entries(GATEWAY_ERRORS).map(([code, { retryable }]) => [code, retryable]);
  expect(RETRYABLE).toEqual(Object.fromEntries(kinds));
  expect(RETRYABLE).not.toHaveProperty(NO_CODE);
});
