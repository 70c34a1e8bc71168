import { GIVEN_UP, type Law, subscribe, type TryMessage } from "../modelarts/channels.js";
import { LogLimit } from "./log-limit.js";
import { type Logger } from "./logger.js";
import { ABANDONED, type Metrics } from "./metrics/metrics.js";

/** The shortest time between two warnings about the same reason of failure, in milliseconds. */
const FAILURE_EVERY_MS = 60_000;
/** The shortest time between two warnings about the same unknown value, in milliseconds. */
const UNKNOWN_VALUE_EVERY_MS = 300_000;

/** The message of the warning for each documented rule of the events API that ModelArts breaks. */
const BROKEN_LAWS: Readonly<Record<Law, string>> = {
  order: "ModelArts breaks its documented rule: `order=asc` returns the newest events first",
  total: "ModelArts breaks its documented rule: `total` is smaller than the number of events",
  limit: "ModelArts breaks its documented rule: it returns fewer events than `limit` and `total` allow",
  offset: "ModelArts breaks its documented rule: `offset` is ignored or refused within the list",
  level: "ModelArts breaks its documented rule: `level` does not filter",
  source: "ModelArts breaks its documented rule: `source` does not filter",
  pattern: "ModelArts breaks its documented rule: `pattern` does not filter",
  time: "ModelArts breaks its documented rule: `start_time` and `end_time` do not filter",
};

/** The message of the warning, by the reason of the failure. Other reasons are caused by callers and not logged. */
const WARNINGS: Partial<Record<NonNullable<TryMessage["reason"]>, string>> = {
  dns: "ModelArts cannot be reached: its host name cannot be resolved. Check MODELARTS_ENDPOINT and DNS",
  tls: "ModelArts cannot be reached: the TLS connection failed. Check the certificate and NODE_EXTRA_CA_CERTS",
  refused: "ModelArts cannot be reached: the connection was refused",
  reset: "ModelArts closed the connection before it answered",
  connect_timeout: "ModelArts cannot be reached: the connection timed out. Check firewalls and HTTPS_PROXY",
  network: "ModelArts cannot be reached: the network failed",
  proxy: "The proxy refuses to connect to ModelArts. Check HTTPS_PROXY and HTTP_PROXY",
  timeout: "ModelArts did not answer in time",
  server_error: "ModelArts answered with a server error",
  invalid_answer: "ModelArts sent an answer that does not have the documented form",
  malformed_row: "ModelArts sent an event that cannot be read",
  throttled: "ModelArts limits the rate of the gateway's calls",
  credentials: "ModelArts refused credentials",
  clock:
    "ModelArts refused a signature, and this machine's clock differs from that of ModelArts. Set the clock",
  bad_request: "ModelArts rejected a request that passed the gateway's own checks",
  gateway_fault: "A call to ModelArts could not be sent",
};

/**
 * Counts and logs the messages of the ModelArts client. Channels belong to the process, so two gateways in one process
 * observe each other's calls.
 * @returns a function that ends the observation
 */
export function observeUpstream({ upstream }: Metrics, logger: Logger): () => void {
  const failures = new LogLimit(FAILURE_EVERY_MS);
  const unknownValues = new LogLimit(UNKNOWN_VALUE_EVERY_MS);
  const brokenLaws = new LogLimit(FAILURE_EVERY_MS);
  const malformedRows = new LogLimit(FAILURE_EVERY_MS);

  const warnOfFailure = (message: TryMessage): void => {
    const text = message.reason === null ? undefined : WARNINGS[message.reason];
    const suppressed = text === undefined ? null : failures.admit(message.reason ?? "");
    if (suppressed !== null) logger.warn({ ...message, suppressed }, text);
  };

  const ends = [
    subscribe("gateway:modelarts:try", (message) => {
      upstream.observeTry(message.fault === GIVEN_UP ? ABANDONED : message.code, message.durationMs);
      if (message.reason !== null) upstream.countTryFailure(message.reason);
      logger.debug(message, "One try of a call to ModelArts");
      warnOfFailure(message);
    }),
    subscribe("gateway:modelarts:load", ({ inFlight, queued }) => {
      upstream.setLoad(inFlight, queued);
    }),
    subscribe("gateway:modelarts:login", (message) => {
      upstream.observeLogin(message.code, message.durationMs);
      if (message.code === null) logger.debug(message, "One request to IAM for a token");
      else logger.warn(message, "IAM issued no token");
    }),
    subscribe("gateway:modelarts:credentials", (message) => {
      upstream.setCredentialsPaused(message.isPaused);
      if (message.isPaused)
        logger.error(
          message,
          "The gateway's own credentials were refused too often and are not used for a while",
        );
      else logger.warn(message, "The gateway's own credentials are accepted again");
    }),
    subscribe("gateway:modelarts:keys", (message) => {
      if (message.isFailing) logger.error(message, "The metadata service does not issue access keys");
      else logger.warn(message, "The metadata service issues access keys again");
    }),
    subscribe("gateway:modelarts:breaker", (message) => {
      upstream.observeBreaker(message.scope, message.state, message.previous);
      // A probe that fails every two seconds changes nothing for callers.
      const isChange = message.state === "closed" || message.previous === "closed";
      logger[isChange ? "warn" : "debug"](message, "A circuit breaker of ModelArts changed its state");
    }),
    subscribe("gateway:modelarts:unknown-value", (message) => {
      upstream.countUnknownValues(message.field, message.count);
      const suppressed = unknownValues.admit(`${message.field}:${message.value}`);
      if (suppressed === null) return;
      logger.warn({ ...message, suppressed }, "ModelArts sent a value that this gateway does not know");
    }),
    subscribe("gateway:modelarts:malformed-rows", (message) => {
      upstream.countMalformedRows(message.count);
      const suppressed = malformedRows.admit(message.jobId);
      if (suppressed === null) return;
      logger.warn(
        { ...message, suppressed },
        "ModelArts sent events without the documented form. An event without a time is shown with its neighbour's",
      );
    }),
    subscribe("gateway:modelarts:broken-law", (message) => {
      upstream.countBrokenLaw(message.law);
      const suppressed = brokenLaws.admit(message.law);
      if (suppressed === null) return;
      logger.warn({ ...message, suppressed }, BROKEN_LAWS[message.law]);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
