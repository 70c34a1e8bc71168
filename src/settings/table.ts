import { credentialsTable } from "./credentials-table.js";
import {
  baseUrl,
  hostToBind,
  manifestFile,
  matching,
  oneOf,
  onOff,
  origins,
  redisUrls,
  secretText,
  wholeNumber,
  wholeUrl,
} from "./formats.js";
import { optional, type Setting, withDefault } from "./setting.js";

const HOUR_MS = 3_600_000;

/** Every variable of the environment that the gateway reads, with its format, default and meaning. */
export const table = {
  HOST: withDefault(hostToBind, "127.0.0.1", "The address to listen on."),
  PORT: withDefault(wholeNumber(0, 65_535), "4000", "The port to listen on; 0 picks a free one."),
  MODELARTS_ENDPOINT: optional(
    baseUrl,
    "unset: the built-in simulator",
    "Base URL of ModelArts, such as https://modelarts.<region>.myhuaweicloud.com.",
  ),
  SIMULATOR: withDefault(
    onOff,
    "off",
    "Allows the built-in simulator with NODE_ENV=production if MODELARTS_ENDPOINT is unset.",
  ),
  MODELARTS_PROJECT_ID: optional(
    matching(/^[A-Za-z0-9_-]{1,64}$/, "1 to 64 letters, digits, _ or -"),
    "demo-project with the simulator, else unset",
    "The project of a query without a projectId.",
  ),
  SINGLE_PROJECT: withDefault(
    onOff,
    "off",
    "Serves only MODELARTS_PROJECT_ID; the subgraph then also has the key id.",
  ),
  ...credentialsTable,
  REDIS_URL: optional(
    redisUrls,
    "unset: an in-process cache",
    "The shared cache: a Redis, a Redis Cluster (one node or several, comma-separated), or Sentinels (redis+sentinel://host:port,host:port/master-name).",
  ),
  CACHE_HEAD_TTL_MS: withDefault(
    wholeNumber(0, HOUR_MS),
    "2000",
    "The lifetime of cached data that can still change, in milliseconds.",
  ),
  CACHE_SETTLED_TTL_MS: withDefault(
    wholeNumber(0, 24 * HOUR_MS),
    "60000",
    "The lifetime of cached data that can no longer change, in milliseconds.",
  ),
  CACHE_STALE_MS: withDefault(
    wholeNumber(0, 24 * HOUR_MS),
    "300000",
    "How long expired data may be used while the upstream fails or is slow (stale-if-error), in milliseconds.",
  ),
  CACHE_STALE_WAIT_MS: withDefault(
    wholeNumber(0, HOUR_MS),
    "1000",
    "How long a query waits for the upstream before it gets the last page within CACHE_STALE_MS instead, marked stale, in milliseconds.",
  ),
  CACHE_MEMORY_MAX_BYTES: withDefault(
    wholeNumber(65_536, 17_179_869_184),
    "67108864",
    "The size limit of the in-process cache, in bytes.",
  ),
  CACHE_KEY_SECRET: optional(
    secretText,
    "unset: derived from REDIS_URL",
    "The secret that hashes tokens in keys of Redis; the same in all processes that share pages.",
  ),
  CACHE_DEBUG: optional(
    onOff,
    "on outside NODE_ENV=production, off in it",
    "Whether X-Cache-Debug: 1 makes the gateway list the sources of a page in extensions.cache and Server-Timing.",
  ),
  MODELARTS_OFFSET: withDefault(
    oneOf("auto", "row", "page"),
    "auto",
    "The unit of the upstream's offset; auto detects it.",
  ),
  UPSTREAM_TIMEOUT_MS: withDefault(
    wholeNumber(1, 300_000),
    "5000",
    "The time limit of one try of an upstream call, in milliseconds.",
  ),
  UPSTREAM_RETRIES: withDefault(wholeNumber(0, 10), "2", "Tries of an upstream call after the first."),
  UPSTREAM_CONNECTIONS: withDefault(wholeNumber(1, 1024), "64", "Sockets to the upstream."),
  REQUEST_TIMEOUT_MS: withDefault(
    wholeNumber(1, 600_000),
    "15000",
    "The deadline of a whole GraphQL operation, in milliseconds.",
  ),
  CORS_ORIGINS: optional(
    origins,
    "https://studio.apollographql.com and loopback outside production; none in production",
    "The origins whose pages may send requests, comma-separated.",
  ),
  DEFAULT_LANGUAGE: withDefault(
    oneOf("en-us", "zh-cn"),
    "en-us",
    "The language of messages for callers who prefer none that ModelArts has.",
  ),
  INTROSPECTION: optional(
    onOff,
    "on outside NODE_ENV=production, off in it",
    "Introspection, the explorer page, _service { sdl } and suggestions in errors.",
  ),
  MAX_UPSTREAM_CALLS: withDefault(
    wholeNumber(1, 10_000),
    "60",
    "The maximum number of upstream calls of one operation.",
  ),
  RATE_LIMIT: optional(
    wholeNumber(1, 10_000_000),
    "unset: none",
    "The budget of each caller: the maximum number of upstream calls in a minute.",
  ),
  BATCH_MAX: withDefault(
    wholeNumber(0, 100),
    "10",
    "The maximum number of operations in one HTTP request, sent as a JSON array; 0 refuses arrays.",
  ),
  TRUSTED_DOCUMENTS: optional(
    manifestFile,
    "unset: every operation",
    "The path of a manifest of trusted documents; no other operation runs.",
  ),
  LIVE_CONNECTIONS_MAX: withDefault(
    wholeNumber(0, 100_000),
    "1000",
    "The maximum number of concurrent connections for subscriptions.",
  ),
  LIVE_CONNECTIONS_PER_CALLER_MAX: withDefault(
    wholeNumber(0, 100_000),
    "100",
    "The maximum number of these connections of one caller, identified by token or else by network address.",
  ),
  LIVE_QUIET_INTERVAL_MS: withDefault(
    wholeNumber(500, 600_000),
    "15000",
    "The longest pause between two readings of a followed log without new events, in milliseconds.",
  ),
  FAST_PATH: withDefault(
    onOff,
    "on",
    "Whether the gateway answers an operation without Apollo Server once Apollo Server has answered it.",
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(
    wholeUrl,
    "unset: no traces",
    "The OpenTelemetry collector for traces, by OTLP over HTTP. OpenTelemetry's other variables apply, too.",
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optional(
    wholeUrl,
    "unset",
    "The URL for traces with its whole path, such as http://collector:4318/v1/traces.",
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: withDefault(
    oneOf("http/protobuf", "http/json"),
    "http/protobuf",
    "The encoding of traces.",
  ),
  OTEL_TRACES_EXPORTER: withDefault(oneOf("otlp", "none"), "otlp", "none sends no traces."),
  OTEL_SDK_DISABLED: withDefault(onOff, "false", "true sends no traces."),
  KEEP_ALIVE_TIMEOUT_MS: withDefault(
    wholeNumber(1, 3_600_000),
    "75000",
    "How long an idle connection is kept, in milliseconds. Must be longer than in the load balancer in front.",
  ),
  METRICS_PORT: optional(
    wholeNumber(0, 65_535),
    "unset: PORT",
    "A separate port for /metrics, which also serves /healthz and /readyz; 0 picks a free one.",
  ),
  LOG_LEVEL: withDefault(
    oneOf("fatal", "error", "warn", "info", "debug", "trace", "silent"),
    "info",
    "The lowest level of log lines that are written.",
  ),
  SHUTDOWN_DELAY_MS: withDefault(
    wholeNumber(0, 300_000),
    "1000",
    "How long new connections are still accepted after SIGTERM, in milliseconds.",
  ),
  SHUTDOWN_GRACE_MS: withDefault(
    wholeNumber(1, 600_000),
    "10000",
    "The time limit of the whole shutdown after SIGTERM, including the delay, in milliseconds.",
  ),
} satisfies Readonly<Record<string, Setting<unknown>>>;
