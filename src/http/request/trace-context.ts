import { type IncomingHttpHeaders } from "node:http";
import { type TraceContext } from "../../modelarts/client.js";

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;
/** Enough for the 32 members that the standard requires. A longer list is omitted. */
const TRACESTATE_MAX = 1_024;
/** Printable characters, so that the value can be passed on as a header. */
const PRINTABLE = /^[\x20-\x7e\t]+$/;

/** The trace of a request; null without a valid `traceparent`. */
export function traceContextOf(
  traceparent: string | undefined,
  tracestate: string | undefined,
): TraceContext | null {
  if (traceparent === undefined || traceparent.length > 128) return null;
  const [, traceId] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || !PRINTABLE.test(traceparent)) return null;
  const isSound =
    tracestate !== undefined && tracestate.length <= TRACESTATE_MAX && PRINTABLE.test(tracestate);
  return { traceId, traceparent, tracestate: isSound ? tracestate : null };
}

/** The trace ID of a request, for its log line; null without a valid `traceparent`. */
export function traceIdOf({ traceparent }: IncomingHttpHeaders): string | null {
  return typeof traceparent === "string" ? (traceContextOf(traceparent, undefined)?.traceId ?? null) : null;
}
