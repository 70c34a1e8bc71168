/** One error code: whether the same request can succeed later, and its description in the schema. */
type GatewayErrorKind = { readonly retryable: boolean; readonly description: string };

/**
 * Every code that an error of the gateway can carry in `extensions.code`; the enum in `schema/client.graphql` is built
 * from this table.
 */
export const GATEWAY_ERRORS = {
  BAD_USER_INPUT: {
    retryable: false,
    description: "An argument is invalid. No upstream call was made. Fix the argument.",
  },
  INVALID_CURSOR: {
    retryable: false,
    description:
      "The cursor or event ID is malformed or belongs to another job or project, or the cursor belongs to another filter. Start without it.",
  },
  CURSOR_EXPIRED: {
    retryable: false,
    description:
      "ModelArts no longer has the event of this cursor. Continue with `extensions.resumeCursor`, if it is not null.",
  },
  UNAUTHENTICATED: {
    retryable: false,
    description: "Credentials are missing, expired or invalid. Get new credentials.",
  },
  FORBIDDEN: {
    retryable: false,
    description:
      "The caller may not read the job (permissions, project, region or account), the document is not in the list of trusted documents, or the page's Origin is not allowed.",
  },
  TRAINING_JOB_NOT_FOUND: {
    retryable: false,
    description: "ModelArts has no training job with this ID.",
  },
  UPSTREAM_BAD_REQUEST: {
    retryable: false,
    description: "ModelArts rejected a request that passed the gateway's own checks.",
  },
  RATE_LIMITED: {
    retryable: true,
    description:
      "ModelArts or the gateway limits the request rate. Retry after `extensions.retryAfterMs`, if given.",
  },
  UPSTREAM_TIMEOUT: { retryable: true, description: "ModelArts did not answer in time." },
  UPSTREAM_UNAVAILABLE: {
    retryable: true,
    description:
      "ModelArts cannot be reached or fails, the circuit breaker is open, or the gateway is shutting down.",
  },
  UPSTREAM_INVALID_RESPONSE: {
    retryable: true,
    description: "The answer of ModelArts is not JSON, or does not have the documented form.",
  },
  OPERATION_TOO_COMPLEX: {
    retryable: false,
    description: "The depth, aliases, cost or size of the operation exceed the limit. Split the operation.",
  },
  INTERNAL_SERVER_ERROR: { retryable: false, description: "A fault of the gateway. Report the request ID." },
} as const satisfies Record<string, GatewayErrorKind>;

/** A code of {@link GATEWAY_ERRORS}. */
export type GatewayErrorCode = keyof typeof GATEWAY_ERRORS;

/** The upstream's error, as shown to clients; `httpStatus` is null if there was no answer. */
export type ModelArtsFault = {
  readonly errorCode: string | null;
  readonly errorMsg: string | null;
  readonly httpStatus: number | null;
  readonly requestId: string | null;
};

/** Details of one error; each becomes a field of `extensions`. */
export type GatewayErrorDetails = {
  /** Path of the invalid argument, such as `page.first`. */
  readonly argument?: string;
  readonly modelArts?: ModelArtsFault;
  /** How long to wait before the next try, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The cursor of the nearest remaining event in the direction of the walk; null if there is none. */
  readonly resumeCursor?: string | null;
};

/** The only error that the gateway throws deliberately. Its message is shown to clients. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";

  constructor(
    readonly code: GatewayErrorCode,
    message: string,
    readonly details: GatewayErrorDetails = {},
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }

  /** Whether the same request can succeed later. */
  get retryable(): boolean {
    return GATEWAY_ERRORS[this.code].retryable;
  }
}

/** Returns a thrown value as an Error: any value can be thrown, but a promise should be rejected with an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error("The thrown value is not an Error.", { cause: thrown });
}
