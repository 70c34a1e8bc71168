import { type UpstreamErrorCode } from "../upstream-error.js";

/** Reasons of a failed connection to the upstream; calls for any job would fail. */
const CONNECTION_REASONS = ["dns", "tls", "refused", "reset", "connect_timeout", "proxy", "network"] as const;

/** The reason of a failed try, from a fixed set of words for metrics. */
export type FailureReason =
  | (typeof CONNECTION_REASONS)[number]
  /** No answer within the time of one try, or 408 or 504. */
  | "timeout"
  /** Another 5xx. */
  | "server_error"
  /** An answer that is not JSON, or that breaks the documented shape. */
  | "invalid_answer"
  /** An answer with an event that cannot be read. */
  | "malformed_row"
  | "throttled"
  | "credentials"
  /** The credentials were refused, and the clocks of the gateway and the upstream differ. */
  | "clock"
  | "forbidden"
  | "not_found"
  | "bad_request"
  /** The caller left, or its deadline passed. */
  | "abandoned"
  | "gateway_fault";

const OF_CONNECTION: ReadonlySet<FailureReason> = new Set(CONNECTION_REASONS);

export function isConnectionReason(reason: FailureReason): boolean {
  return OF_CONNECTION.has(reason);
}

const OF_CODE: Readonly<Record<UpstreamErrorCode, FailureReason>> = {
  UNAUTHENTICATED: "credentials",
  FORBIDDEN: "forbidden",
  TRAINING_JOB_NOT_FOUND: "not_found",
  UPSTREAM_BAD_REQUEST: "bad_request",
  RATE_LIMITED: "throttled",
  UPSTREAM_TIMEOUT: "timeout",
  UPSTREAM_UNAVAILABLE: "server_error",
  UPSTREAM_INVALID_RESPONSE: "invalid_answer",
  INTERNAL_SERVER_ERROR: "gateway_fault",
};

/** The reason of an error answer. */
export function reasonOfCode(code: UpstreamErrorCode): FailureReason {
  return OF_CODE[code];
}

const OF_NETWORK: readonly (readonly [RegExp, FailureReason])[] = [
  [/^(ENOTFOUND|EAI_|ENODATA|ESERVFAIL)/, "dns"],
  [
    /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$|INVALID_CA$|HOSTNAME_)/,
    "tls",
  ],
  [/^PROXY_/, "proxy"],
  [/^ECONNREFUSED$/, "refused"],
  [/^(ECONNRESET|ECONNABORTED|EPIPE)$/, "reset"],
  [/^ETIMEDOUT$/, "connect_timeout"],
  [/^HPE_/, "invalid_answer"],
];

/** The reason of an error of the network, by the error's `code`. */
export function reasonOfNetworkError(code: string): FailureReason {
  return OF_NETWORK.find(([pattern]) => pattern.test(code))?.[1] ?? "network";
}
