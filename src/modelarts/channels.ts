import { type GatewayErrorCode } from "../errors.js";
import { type CircuitState } from "../common/circuit.js";
import { type FailureReason } from "./calls/failure-reasons.js";
import { typedChannels } from "../common/typed-channels.js";
import { typedTracing } from "../common/typed-tracing.js";

/** The fault of a try whose callers all left before it was answered. It says nothing about the upstream. */
export const GIVEN_UP = "ABORTED";

/** How one try of a call ended. It holds no token and no text of the upstream. */
export type TryMessage = {
  readonly projectId: string;
  readonly jobId: string;
  /** The gateway's own request ID, as sent upstream. */
  readonly requestId: string;
  /** Of the caller's trace, where it named one. */
  readonly traceId?: string;
  /** The upstream's request ID, if it gave one. */
  readonly upstreamRequestId: string | null;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly durationMs: number;
  /** The status of the answer; null where there was none. */
  readonly status: number | null;
  /** The cause where the status does not name it, such as `ECONNRESET`, `TRY_TIMEOUT` or `events[3].time is unreadable`. */
  readonly fault: string | null;
  /** Null for a good answer. */
  readonly code: GatewayErrorCode | null;
  /** Why there was no good answer, as one of a bounded set of words; null for a good answer. */
  readonly reason: FailureReason | null;
  /** The upstream's own error code, if it gave one. */
  readonly upstreamCode: string | null;
};

/** How one request to IAM for a token ended; the fields are those of {@link TryMessage}. */
export type LoginMessage = Pick<
  TryMessage,
  | "projectId"
  | "requestId"
  | "attempt"
  | "durationMs"
  | "status"
  | "fault"
  | "code"
  | "reason"
  | "upstreamCode"
> & {
  /** `domain` for the request that only checks whether the password is right. */
  readonly scope: "project" | "domain";
};

/** The gateway stopped using its own credentials for a while, or they were accepted after that. */
type CredentialsMessage = { readonly kind: "access key" | "password"; readonly isPaused: boolean };

/** The metadata service stopped giving temporary keys, or gives them again. */
type KeysMessage = { readonly isFailing: boolean; readonly fault: string | null };

/** A circuit breaker changed its state; `half-open` while a probe is in flight. */
type BreakerMessage = {
  /** The circuit of one job, or that of the whole upstream. */
  readonly scope: "job" | "upstream";
  readonly state: CircuitState;
  readonly previous: CircuitState;
  /** The job whose circuit it is; null for the whole upstream. */
  readonly projectId: string | null;
  readonly jobId: string | null;
  /** The request whose try changed the state; null where the gateway stopped counting a job. */
  readonly requestId: string | null;
};

/** Tries that hold a socket, and tries that wait for one. */
type LoadMessage = { readonly inFlight: number; readonly queued: number };

/** A level or source that this gateway does not know; one message for each distinct value of an answer. */
export type UnknownValue = {
  readonly field: "level" | "source";
  /** At most 40 UTF-16 units of the value; for a value that is not a string, its type in brackets. */
  readonly value: string;
  /** How many events of the answer have it. */
  readonly count: number;
};

/** Events of one answer that cannot be read as documented. */
type MalformedRowsMessage = {
  readonly projectId: string;
  readonly jobId: string;
  readonly requestId: string;
  readonly count: number;
  /** Place and kind of the first problem, such as `events[3].time is unreadable`. */
  readonly problem: string;
};

/** A documented rule of the events API that an answer of ModelArts breaks. */
type BrokenLawMessage = {
  readonly law: "order" | "total" | "limit" | "offset" | "level" | "source" | "time";
  readonly projectId: string;
  readonly jobId: string;
  readonly requestId: string;
};

/** The messages that the client publishes on `node:diagnostics_channel`, by the name of the channel. */
export type ModelArtsMessages = {
  "gateway:modelarts:try": TryMessage;
  "gateway:modelarts:login": LoginMessage;
  "gateway:modelarts:credentials": CredentialsMessage;
  "gateway:modelarts:keys": KeysMessage;
  "gateway:modelarts:breaker": BreakerMessage;
  "gateway:modelarts:load": LoadMessage;
  "gateway:modelarts:unknown-value": UnknownValue & { readonly requestId: string };
  "gateway:modelarts:malformed-rows": MalformedRowsMessage;
  "gateway:modelarts:broken-law": BrokenLawMessage;
};

export const { publish, subscribe } = typedChannels<ModelArtsMessages>();

/** One try that is on its way. Subscribers add `headers` before it is sent; the rest is known at the end. */
type TracedTry = Pick<TryMessage, "projectId" | "jobId" | "attempt"> & {
  readonly headers: Record<string, string>;
} & { -readonly [Field in "status" | "fault" | "code"]: TryMessage[Field] };

export const tracedTry = typedTracing<TracedTry>("gateway:modelarts:traced-try");
