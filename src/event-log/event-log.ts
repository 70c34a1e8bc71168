import { type CacheOutcome } from "../cache/channels.js";
import { type FlightCall } from "../common/single-flight.js";
import { type CacheKey, type Caller, type LogScope } from "../cache/keys.js";
import { type Credentials, type EventsRequest, type TraceContext } from "../modelarts/client.js";

/**
 * The events of one job under one single filter, in one language, as one tenant may see them. The list grows at its
 * newest end. The position of an event, counted from the oldest, is its ordinal.
 */
export type EventLog = EventLogName & {
  /** The key of the grant of this caller for the job. */
  readonly grantKey: CacheKey;
  readonly caller: Caller;
  readonly credentials: Credentials;
};

/** The identity of a log, the same for all callers. */
export type EventLogName = {
  readonly tenant: LogScope["tenant"];
  /** The prefix of the cache keys of all its parts. */
  readonly prefix: string;
  /** The cache key of its head. */
  readonly headKey: CacheKey;
  readonly request: Omit<EventsRequest, "offset" | "limit">;
};

/** The name of the head among the parts of its log. */
export const HEAD = "head";

/** The source of a part of a log. `ageMs` is its age if it is older than its lifetime. */
export type PartRead = {
  readonly part: string;
  readonly outcome: CacheOutcome;
  readonly ageMs: number | null;
};

/** A part of a log that an answer uses. */
export type SourcePart = {
  readonly log: EventLog;
  /** Its name among the parts of its log. */
  readonly part: string;
  readonly readAtMs: number;
  /**
   * The part is valid until then without a further read, in milliseconds since the epoch; infinity if it is valid as
   * long as the head that is used with it.
   */
  readonly validUntilMs: number;
  /** When the oldest rows were read, which show that nothing was trimmed; null if the part does not depend on them. */
  readonly oldestReadAtMs: number | null;
};

/** The operation for which a log is read: its caller and its limits. */
export type ReadCall = {
  readonly requestId: string;
  readonly trace?: TraceContext | null;
  /** When the operation began. Parts that were read since then are fresh for it, even if it takes long. */
  readonly startedAtMs: number;
  /**
   * The earliest moment of a reading that the operation has accepted, or its beginning. A reading that it has waited
   * for stays fresh for the whole operation, even if the upstream is slow.
   */
  acceptedSinceMs: number;
  /** The highest age of data for this caller, in milliseconds; null means the lifetime of the head. */
  readonly maxAgeMs: number | null;
  /**
   * How long the operation waits for a new reading if a stale one may be used instead: for a limited time; not at all,
   * after it has waited that time once; or until its deadline.
   */
  renewalWait: "limited" | "over" | "unlimited";
  readonly signal: AbortSignal;
  readonly deadlineMs: () => number;
  /**
   * The keys that this operation has already looked up in all tiers of the cache, with the tier where each was found.
   */
  readonly lookedUp: Map<CacheKey, "memory" | "redis">;
  /** Called for each part that the operation reads, with the end of its validity; null if it is stale. */
  readonly report: (read: PartRead, source: SourcePart | null) => void;
  /**
   * Counts one read that may need an upstream call.
   * @throws GatewayError OPERATION_TOO_COMPLEX if the operation has reached its limit
   */
  readonly countUpstreamCall: () => void;
};

/** The time limit of a refresh-ahead, in milliseconds. */
const BACKGROUND_LIMIT_MS = 10_000;

/** The call of a refresh-ahead. It continues after the end of the operation that started it. */
export function backgroundCall(call: ReadCall, nowMs: number): ReadCall {
  // Deadlines use the clock of the machine, readings the clock that processes share.
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

/** The same call, but it continues until its deadline even if the operation has ended. */
export function detached(call: ReadCall): ReadCall {
  const deadlineMs = call.deadlineMs();
  return callWith(call, new AbortController().signal, () => deadlineMs, call.countUpstreamCall);
}

/** The same call for reads that are already counted. */
export function uncharged(call: ReadCall): ReadCall {
  return callWith(call, call.signal, call.deadlineMs, () => undefined);
}

/** The call that a flight makes for all its waiters, started by one of them. */
export function callOf(flight: FlightCall, call: ReadCall): ReadCall {
  return callWith(call, flight.signal, flight.deadlineMs, call.countUpstreamCall);
}

// Field by field, because a spread with replaced fields takes V8 ten times as long and creates a hidden class.
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
