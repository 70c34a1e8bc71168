import { type GatewayErrorCode } from "../errors.js";
import { typedChannels } from "../common/typed-channels.js";

/** The fault of a try whose callers had all left before it was answered: it says nothing of the upstream. */
export const GIVEN_UP = "ABORTED";

/** How one try of a call ended. Holds no token and no text of the upstream. */
export type TryMessage = {
  readonly projectId: string;
  readonly jobId: string;
  /** The gateway's own request ID, as sent upstream. */
  readonly requestId: string;
  /** The upstream's request ID, where it gave one. */
  readonly upstreamRequestId: string | null;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly durationMs: number;
  /** The status of the answer; null where there was none. */
  readonly status: number | null;
  /** What went wrong below or beside the status, such as `ECONNRESET`, `TRY_TIMEOUT` or `events[3].time is unreadable`. */
  readonly fault: string | null;
  /** Null for a good answer. */
  readonly code: GatewayErrorCode | null;
  /** The upstream's own error code, where it gave one. */
  readonly upstreamCode: string | null;
};

/** How one try to get a token of IAM ended; the fields as in {@link TryMessage}. */
export type LoginMessage = Pick<
  TryMessage,
  "projectId" | "requestId" | "attempt" | "durationMs" | "status" | "fault" | "code" | "upstreamCode"
> & {
  /** `domain` for the one that only finds out whether the password is right. */
  readonly scope: "project" | "domain";
};

/** The gateway's own credentials are not shown for a while, or were accepted after that. */
type CredentialsMessage = { readonly kind: "access key" | "password"; readonly isPaused: boolean };

/** The breaker's states: `half-open` while a probe is on its way. */
type BreakerMessage = {
  readonly state: "closed" | "open" | "half-open";
  /** The request on whose behalf the try was made that changed it. */
  readonly requestId: string;
};

/** A level or source that this gateway does not know, once for each distinct value of an answer. */
export type UnknownValue = {
  readonly field: "level" | "source";
  /** At most 40 UTF-16 units of it; the type's name in brackets where it is not a string. */
  readonly value: string;
  /** How many events of the answer have it. */
  readonly count: number;
};

/** What the client publishes on `node:diagnostics_channel`, by the channel's name. */
export type ModelArtsMessages = {
  "gateway:modelarts:try": TryMessage;
  "gateway:modelarts:login": LoginMessage;
  "gateway:modelarts:credentials": CredentialsMessage;
  "gateway:modelarts:breaker": BreakerMessage;
  "gateway:modelarts:unknown-value": UnknownValue & { readonly requestId: string };
};

export const { publish, subscribe } = typedChannels<ModelArtsMessages>();
