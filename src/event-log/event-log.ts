import { type CacheOutcome } from "../cache/channels.js";
import { type FlightCall } from "../common/single-flight.js";
import { type CacheKey, type Caller } from "../cache/keys.js";
import { type Credentials, type EventsRequest, type TraceContext } from "../modelarts/client.js";

/**
 * What one job's events under one single filter, in one language, are to one tenant: a list that grows at its
 * newest end. An event's place in it, counted from the oldest, is its ordinal.
 */
export type EventLog = EventLogName & {
  /** Under which key stands whether this caller may read the job. */
  readonly accessKey: CacheKey;
  readonly caller: Caller;
  readonly credentials: Credentials;
};

/** What a log goes by, whoever asks for it. */
export type EventLogName = {
  /** What the cache keys of all its parts begin with. */
  readonly prefix: string;
  /** Under which key its newest end stands. */
  readonly headKey: CacheKey;
  readonly request: Omit<EventsRequest, "offset" | "limit">;
};

/** The name of the head among the parts of its log. */
export const HEAD = "head";

/** How one part of a log was come by; `ageMs` is how old it is where it is from after its lifetime. */
export type PartRead = {
  readonly part: string;
  readonly outcome: CacheOutcome;
  readonly ageMs: number | null;
};

/** A part of a log that an answer was made of. */
export type SourcePart = {
  readonly log: EventLog;
  /** Its name among the parts of its log. */
  readonly part: string;
  readonly readAtMs: number;
  /**
   * Until when it answers without anybody being asked, in milliseconds since the epoch; infinity where that is as long
   * as the head beside it.
   */
  readonly believedUntilMs: number;
  /** When the oldest rows were read that show that nothing was trimmed; null where the part does not depend on it. */
  readonly originAtMs: number | null;
};

/** On whose behalf a log is read, and how long it may take. */
export type ReadCall = {
  readonly requestId: string;
  readonly trace?: TraceContext | null;
  /** When the operation began: what was read since then is fresh to it, however long it takes. */
  readonly startedAtMs: number;
  /**
   * The earliest moment of a reading that the operation has accepted, or its beginning. What it has waited for once is
   * fresh to it for good, however slow the upstream is.
   */
  acceptedSinceMs: number;
  /** How old data may be for this caller, in milliseconds; null: as old as the head's lifetime. */
  readonly maxAgeMs: number | null;
  /**
   * How long the operation waits for a new reading where the last one may stand in: for a limited time, no longer since
   * it has waited in vain, or until its deadline.
   */
  renewalWait: "limited" | "over" | "unlimited";
  readonly signal: AbortSignal;
  readonly deadlineMs: () => number;
  /** The keys that this operation has looked for wherever they may be, and where they were: once is enough. */
  readonly lookedUp: Map<CacheKey, "memory" | "redis">;
  /** Is told of each part that the operation reads, and how long it is believed; null where that is over. */
  readonly report: (read: PartRead, source: SourcePart | null) => void;
  /**
   * Counts one read that the upstream may be asked for.
   * @throws GatewayError OPERATION_TOO_COMPLEX when the operation has made as many as it may
   */
  readonly countUpstreamCall: () => void;
};

/** How long what is renewed ahead may take, in milliseconds. */
const BACKGROUND_LIMIT_MS = 10_000;

/** The call that renews something ahead: it goes on when the operation that was the occasion has ended. */
export function backgroundCall(call: ReadCall, nowMs: number): ReadCall {
  // Deadlines are by the machine's clock, readings by the clock that processes share.
  const deadlineMs = Date.now() + BACKGROUND_LIMIT_MS;
  return {
    requestId: call.requestId,
    trace: call.trace ?? null,
    startedAtMs: nowMs,
    acceptedSinceMs: nowMs,
    maxAgeMs: null,
    renewalWait: "unlimited",
    signal: new AbortController().signal,
    deadlineMs: () => deadlineMs,
    lookedUp: new Map(),
    report: () => undefined,
    countUpstreamCall: () => undefined,
  };
}

/** The same call, except that it goes on until its deadline when the operation has ended. */
export function detached(call: ReadCall): ReadCall {
  const deadlineMs = call.deadlineMs();
  return callWith(call, new AbortController().signal, () => deadlineMs, call.countUpstreamCall);
}

/** A call whose reads have been counted before. */
export function uncharged(call: ReadCall): ReadCall {
  return callWith(call, call.signal, call.deadlineMs, () => undefined);
}

/** The call that a flight makes for all who wait for it, begun by one of them. */
export function callOf(flight: FlightCall, call: ReadCall): ReadCall {
  return callWith(call, flight.signal, flight.deadlineMs, call.countUpstreamCall);
}

// Field by field: to spread an object and then replace fields takes V8 ten times as long, and leaves a hidden class.
function callWith(
  {
    requestId,
    trace = null,
    startedAtMs,
    acceptedSinceMs,
    maxAgeMs,
    renewalWait,
    lookedUp,
    report,
  }: ReadCall,
  signal: AbortSignal,
  deadlineMs: ReadCall["deadlineMs"],
  countUpstreamCall: ReadCall["countUpstreamCall"],
): ReadCall {
  return {
    requestId,
    trace,
    startedAtMs,
    acceptedSinceMs,
    maxAgeMs,
    renewalWait,
    signal,
    deadlineMs,
    lookedUp,
    report,
    countUpstreamCall,
  };
}
