import { type CallContext, type EventsRequest } from "../../../src/modelarts/client.js";

/** A request for the first 100 events of a job. */
export function eventsRequest(changes: Partial<EventsRequest> = {}): EventsRequest {
  return {
    projectId: "project-1",
    jobId: "job-1",
    level: null,
    source: null,
    messageContains: null,
    time: null,
    language: null,
    offset: 0,
    limit: 100,
    ...changes,
  };
}

/** A caller with a token and a deadline in one minute; it is never aborted. */
export function callContext(changes: Partial<CallContext> = {}): CallContext {
  const deadlineMs = Date.now() + 60_000;
  return {
    credentials: { kind: "token", token: "MIIsecret0123456789abcdefghijklmnop" },
    requestId: "request-1",
    signal: new AbortController().signal,
    deadlineMs: () => deadlineMs,
    ...changes,
  };
}
