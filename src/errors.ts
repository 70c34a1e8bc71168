/** What is fixed about one error code: whether a repeat can help, and the sentence the schema shows for it. */
type GatewayErrorKind = { readonly retryable: boolean; readonly description: string };

/** Every code that an error of the gateway can carry in `extensions.code`; the schema's enum is made of it. */
export const GATEWAY_ERRORS = {
  BAD_USER_INPUT: {
    retryable: false,
    description: "An argument is out of its range. Nothing was asked of the upstream; mend the argument.",
  },
  INVALID_CURSOR: {
    retryable: false,
    description: "The cursor is malformed, or belongs to another filter, job or project. Start without it.",
  },
  CURSOR_EXPIRED: {
    retryable: false,
    description:
      "The upstream no longer has the event of this cursor. Go on from `extensions.resumeCursor`, if there is one.",
  },
  UNAUTHENTICATED: {
    retryable: false,
    description: "Credentials are missing, expired or invalid. Get new ones.",
  },
  FORBIDDEN: {
    retryable: false,
    description: "The upstream refuses this caller: permissions, project, region or account.",
  },
  TRAINING_JOB_NOT_FOUND: {
    retryable: false,
    description: "The upstream knows no training job with this ID.",
  },
  UPSTREAM_BAD_REQUEST: {
    retryable: false,
    description: "The upstream refuses a request that the gateway held for good.",
  },
  RATE_LIMITED: {
    retryable: true,
    description: "The upstream or the gateway throttles. Wait `extensions.retryAfterMs` where it is given.",
  },
  UPSTREAM_TIMEOUT: { retryable: true, description: "The upstream gave no answer in time." },
  UPSTREAM_UNAVAILABLE: {
    retryable: true,
    description: "The upstream cannot be reached, fails, or is being spared after many failures.",
  },
  UPSTREAM_INVALID_RESPONSE: {
    retryable: true,
    description: "The upstream's answer is not JSON, or JSON of another shape than documented.",
  },
  OPERATION_TOO_COMPLEX: {
    retryable: false,
    description: "Depth, aliases, cost or size of the operation are over the limit. Split it.",
  },
  INTERNAL_SERVER_ERROR: { retryable: false, description: "A fault of the gateway. Report the request ID." },
} as const satisfies Record<string, GatewayErrorKind>;

/** A code of {@link GATEWAY_ERRORS}. */
export type GatewayErrorCode = keyof typeof GATEWAY_ERRORS;

/** What the upstream said of a failed call, as shown to clients; `httpStatus` is null where there was no answer. */
export type ModelArtsFault = {
  readonly errorCode: string | null;
  readonly errorMsg: string | null;
  readonly httpStatus: number | null;
  readonly requestId: string | null;
};

/** What one error carries beyond its code; each present field becomes one of `extensions`. */
export type GatewayErrorDetails = {
  /** Path of the argument at fault, such as `page.first`. */
  readonly argument?: string;
  readonly modelArts?: ModelArtsFault;
  /** How long to wait before the next try, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The nearest event left in the direction of the walk; null when there is none. */
  readonly resumeCursor?: string | null;
};

/** The only error that the gateway's own code throws on purpose. Its message is shown to clients. */
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

  /** Whether the same request may succeed later. */
  get retryable(): boolean {
    return GATEWAY_ERRORS[this.code].retryable;
  }
}

/** What was thrown, as an Error: anything can be thrown, and a promise should be rejected with an Error alone. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error("What was thrown is not an Error.", { cause: thrown });
}
