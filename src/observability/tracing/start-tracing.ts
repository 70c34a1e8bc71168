import { setTimeout as wait } from "node:timers/promises";
import { type Attributes } from "@opentelemetry/api";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { setGlobalErrorHandler } from "@opentelemetry/core";
import { faultName } from "../fault-name.js";
import { LogLimit } from "../log-limit.js";
import { type Logger } from "../logger.js";
import { traceAll } from "./spans.js";

/** Ends the tracing, and sends the spans that wait. */
export type StopTracing = () => Promise<void>;

const SHUTDOWN_LIMIT_MS = 2_000;
const FAULT_LOG_MS = 60_000;
const NAME = "modelarts-events-gateway";

/**
 * Sends spans by OTLP over HTTP. OpenTelemetry's libraries read their own variables for the sampler, batches, headers,
 * time-outs and the resource.
 * @param protocol the value of OTEL_EXPORTER_OTLP_PROTOCOL
 */
export async function startTracing(
  protocol: "http/protobuf" | "http/json",
  version: string,
  logger: Logger,
): Promise<StopTracing> {
  const limit = new LogLimit(FAULT_LOG_MS);
  setGlobalErrorHandler((error) => {
    const suppressed = limit.admit("export");
    if (suppressed !== null) logger.warn({ fault: faultName(error), suppressed }, "Traces were not sent");
  });
  const attributes: Attributes = { "service.name": NAME, "service.version": version };
  const resource = defaultResource()
    .merge(resourceFromAttributes(attributes))
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(await createExporter(protocol))],
  });
  const end = traceAll(provider.getTracer(NAME, version));
  return async () => {
    end();
    // A collector that does not answer must not delay the end of the process.
    await Promise.race([provider.shutdown(), wait(SHUTDOWN_LIMIT_MS, undefined, { ref: false })]);
  };
}

async function createExporter(protocol: "http/protobuf" | "http/json"): Promise<SpanExporter> {
  if (protocol === "http/json") {
    const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
    return new OTLPTraceExporter();
  }
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-proto");
  return new OTLPTraceExporter();
}
