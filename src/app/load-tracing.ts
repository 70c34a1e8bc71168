import { type Logger } from "../observability/logger.js";
import { type StopTracing } from "../observability/tracing/start-tracing.js";
import { type Settings } from "../settings/settings.js";

type TracingSettings = Pick<
  Settings,
  | "OTEL_EXPORTER_OTLP_ENDPOINT"
  | "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
  | "OTEL_EXPORTER_OTLP_PROTOCOL"
  | "OTEL_TRACES_EXPORTER"
  | "OTEL_SDK_DISABLED"
>;

/** Starts tracing if OpenTelemetry's variables name a collector; otherwise OpenTelemetry is not loaded. */
export async function loadTracing(
  settings: TracingSettings,
  version: string,
  logger: Logger,
): Promise<StopTracing> {
  const endpoint = settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  const isOn = settings.OTEL_TRACES_EXPORTER === "otlp" && !settings.OTEL_SDK_DISABLED;
  if (endpoint === null || !isOn) return () => Promise.resolve();
  const { startTracing } = await import("../observability/tracing/start-tracing.js");
  return startTracing(settings.OTEL_EXPORTER_OTLP_PROTOCOL, version, logger);
}
