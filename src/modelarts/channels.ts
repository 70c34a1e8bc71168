import { type GatewayErrorCode } from "../errors.js";
import { type CircuitState } from "../common/circuit.js";
import { type FailureReason } from "./calls/failure-reasons.js";
import { typedChannels } from "../common/typed-channels.js";
import { typedTracing } from "../common/typed-tracing.js";

/** The fault of a try whose callers all left before its answer. It is not a failure of the upstream. */
export const GIVEN_UP = "ABORTED";

/** How one try of a call ended. It holds no token and no text of the upstream. */
export type TryMessage = {
  readonly projectId: string;
  readonly jobId: string;
  /** The gateway's own request ID, as sent upstream. */
  readonly requestId: string;
  /** The ID of the caller's trace, if the caller sent one. */
  readonly traceId?: string;
  /** The upstream's request ID, if it gave one. */
  readonly upstreamRequestId: string | null;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly durationMs: number;
  /** The status of the answer; null if there was none. */
  readonly status: number | null;
  /** A cause that the status does not show, such as `ECONNRESET`, `TRY_TIMEOUT` or `events[3].time is unreadable`. */
  readonly fault: string | null;
  /** Null for a good answer. */
  readonly code: GatewayErrorCode | null;
  /** The reason of a failure, from a fixed set of words; null for a good answer. */
  readonly reason: FailureReason | null;
  /** The upstream's own error code, if it gave one. */
  readonly upstreamCode: string | null;
};

/** The result of one token request to IAM; the fields are those of {@link TryMessage}. */
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

/** The gateway paused the use of its own credentials, or they were accepted after a pause. */
type CredentialsMessage = { readonly kind: "access key" | "password"; readonly isPaused: boolean };

/** The metadata service no longer issues temporary keys, or issues them again. */
type KeysMessage = { readonly isFailing: boolean; readonly fault: string | null };

/** A circuit breaker changed its state; `half-open` while a probe is in flight. */
type BreakerMessage = {
  /** The circuit of one job, or that of the whole upstream. */
  readonly scope: "job" | "upstream";
  readonly state: CircuitState;
  readonly previous: CircuitState;
  /** The job of the circuit; null for the whole upstream. */
  readonly projectId: string | null;
  readonly jobId: string | null;
  /** The request whose try changed the state; null if the state changed because the gateway forgot the job. */
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

/** Events of one answer that do not have the documented form. */
type MalformedRowsMessage = {
  readonly projectId: string;
  readonly jobId: string;
  readonly requestId: string;
  readonly count: number;
  /** Place and kind of the first problem, such as `events[3].time is unreadable`. */
  readonly problem: string;
};

/** The documented rules of the events API that answers are checked for, by the parameter or field that each is about. */
export const LAWS = ["order", "total", "limit", "offset", "level", "source", "pattern", "time"] as const;
export type Law = (typeof LAWS)[number];

/** An answer of ModelArts that breaks a documented rule. */
type BrokenLawMessage = {
  readonly law: Law;
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

/** One try in flight. Subscribers add `headers` before it is sent; the other fields are set when it ends. */
type TracedTry = Pick<TryMessage, "projectId" | "jobId" | "attempt"> & {
  readonly headers: Record<string, string>;
} & { -readonly [Field in "status" | "fault" | "code"]: TryMessage[Field] };

export const tracedTry = typedTracing<TracedTry>("gateway:modelarts:traced-try");
