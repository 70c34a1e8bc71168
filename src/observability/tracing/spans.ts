import { AsyncLocalStorage } from "node:async_hooks";
import { type IncomingMessage } from "node:http";
import { performance } from "node:perf_hooks";
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { subscribe as subscribeCache, tracedFetch } from "../../cache/channels.js";
import { tracedTry } from "../../modelarts/channels.js";
import {
  type EndedLiveOperation,
  type EndedRequest,
  subscribe as subscribeRequests,
  tracedOperation,
} from "../request-channels.js";
import { headersSetter, incomingHeaders } from "./headers.js";
import { traceRedis } from "./redis-spans.js";

const w3c = new W3CTraceContextPropagator();
const PROBES: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/**
 * Makes spans from the gateway's messages: requests, operations, reads of parts, tries of upstream calls, Redis.
 * @returns a function that ends the tracing
 */
export function traceAll(tracer: Tracer): () => void {
  const current = new AsyncLocalStorage<Span>();
  const requests = new WeakMap<IncomingMessage, Span>();
  const open = new WeakMap<object, Span>();
  const parent = (): Context => {
    const span = current.getStore();
    return span === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, span);
  };
  const start = (message: object, name: string, context: Context, kind?: SpanKind): Span => {
    const span = tracer.startSpan(name, kind === undefined ? {} : { kind }, context);
    open.set(message, span);
    return span;
  };
  const end = (message: object, attributes: Attributes, fault: string | null): void => {
    const span = open.get(message);
    if (span !== undefined) endSpan(span, attributes, fault);
  };
  const ends = [
    subscribeRequests("gateway:http:request-start", ({ request }) => {
      const context = w3c.extract(ROOT_CONTEXT, request.headers, incomingHeaders);
      const span = tracer.startSpan("request", { kind: SpanKind.SERVER }, context);
      requests.set(request, span);
      // The log and the calls to ModelArts read the trace from these headers.
      w3c.inject(trace.setSpan(context, span), request.headers, headersSetter);
    }),
    subscribeRequests("gateway:http:request-end", (ended) => {
      const span = requests.get(ended.request);
      if (span !== undefined && !PROBES.has(ended.route)) endRequest(span, ended);
    }),
    subscribeRequests("gateway:live:operation-end", (ended) => {
      addLiveOperation(tracer, ended);
    }),
    tracedOperation.subscribe(
      current,
      (message) => {
        const span = requests.get(message.request);
        const context = span === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, span);
        return start(message, "graphql.operation", context);
      },
      (message, fault) => {
        end(message, { "gateway.way": message.way }, fault === null ? null : "thrown");
      },
    ),
    tracedFetch.subscribe(
      current,
      (message) => start(message, "log.fetch", parent()),
      (message, fault) => {
        const { part, outcome } = message;
        const attributes: Attributes = {
          "cache.part": part,
          ...(outcome === null ? {} : { "cache.outcome": outcome }),
        };
        end(message, attributes, fault === null ? null : "failed");
      },
    ),
    tracedTry.subscribe(
      current,
      (message) => {
        const span = start(message, "modelarts.try", parent(), SpanKind.CLIENT);
        w3c.inject(trace.setSpan(ROOT_CONTEXT, span), message.headers, headersSetter);
        return span;
      },
      (message) => {
        const { attempt, projectId, jobId, status, fault, code } = message;
        const attributes: Attributes = {
          "http.request.method": "GET",
          "http.request.resend_count": attempt - 1,
          "modelarts.project_id": projectId,
          "modelarts.job_id": jobId,
          ...(status === null ? {} : { "http.response.status_code": status }),
          ...(fault === null ? {} : { "modelarts.fault": fault }),
        };
        end(message, attributes, code);
      },
    ),
    subscribeCache("gateway:cache:read", ({ part, outcome, ageMs }) => {
      const nowMs = performance.timeOrigin + performance.now();
      const attributes: Attributes = {
        "cache.part": part,
        "cache.outcome": outcome,
        ...(ageMs === null ? {} : { "cache.age_ms": ageMs }),
      };
      tracer.startSpan("cache.read", { startTime: nowMs, attributes }, parent()).end(nowMs);
    }),
    traceRedis(tracer, parent),
  ];
  return () => {
    for (const done of ends) done();
  };
}

function endRequest(
  span: Span,
  { request, route, status, requestId, operationName, code }: EndedRequest,
): void {
  span.updateName(`${request.method ?? ""} ${route}`);
  const attributes: Attributes = {
    "http.request.method": request.method ?? "",
    "http.route": route,
    "http.response.status_code": status,
    "gateway.request_id": requestId,
    ...(operationName === null ? {} : { "graphql.operation.name": operationName }),
  };
  endSpan(span, attributes, code ?? (status >= 500 ? String(status) : null));
}

/** The span of a live operation. It is made at the end, because a subscription can last for days. */
function addLiveOperation(tracer: Tracer, ended: EndedLiveOperation): void {
  const { headers, transport, isSubscription, operationName } = ended;
  // The headers of an event stream name the span of its request. Those that opened a WebSocket name the caller's span.
  const context = w3c.extract(ROOT_CONTEXT, headers, incomingHeaders);
  const kind = transport === "sse" ? SpanKind.INTERNAL : SpanKind.SERVER;
  const startTime = performance.timeOrigin + ended.startedMs;
  const name = isSubscription ? "graphql.subscription" : "graphql.operation";
  const attributes: Attributes = {
    "gateway.request_id": ended.requestId,
    "gateway.transport": transport,
    ...(isSubscription && { "gateway.batches": ended.batches, "gateway.events": ended.events }),
    ...(operationName === null ? {} : { "graphql.operation.name": operationName }),
  };
  endSpan(tracer.startSpan(name, { kind, startTime }, context), attributes, ended.code);
}

function endSpan(span: Span, attributes: Attributes, fault: string | null): void {
  span.setAttributes(attributes);
  if (fault !== null) {
    span.setAttribute("error.type", fault);
    span.setStatus({ code: SpanStatusCode.ERROR, message: fault });
  }
  span.end();
}
