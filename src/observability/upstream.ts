import { GIVEN_UP, subscribe } from "../modelarts/channels.js";
import { type Logger } from "./logger.js";
import { ABANDONED, type Metrics } from "./metrics.js";

/**
 * Counts and logs what the ModelArts client publishes. Channels belong to the process, so two gateways in one
 * process see each other's calls.
 * @returns a function that ends it
 */
export function observeUpstream(metrics: Metrics, logger: Logger): () => void {
  const ends = [
    subscribe("gateway:modelarts:try", (message) => {
      metrics.observeUpstreamTry(message.fault === GIVEN_UP ? ABANDONED : message.code, message.durationMs);
      logger.debug(message, "ModelArts was asked");
    }),
    subscribe("gateway:modelarts:login", (message) => {
      metrics.countLogin(message.code);
      logger[message.code === null ? "debug" : "warn"](message, "IAM was asked for a token");
    }),
    subscribe("gateway:modelarts:credentials", (message) => {
      metrics.setCredentialsPaused(message.isPaused);
      if (message.isPaused)
        logger.error(message, "The gateway's own credentials are refused, and not shown for a while");
      else logger.warn(message, "The gateway's own credentials are accepted again");
    }),
    subscribe("gateway:modelarts:breaker", (message) => {
      metrics.setBreakerOpen(message.state !== "closed");
      logger.warn(message, "The breaker of ModelArts changed");
    }),
    subscribe("gateway:modelarts:unknown-value", (message) => {
      metrics.countUnknownValues(message.field, message.count);
      logger.warn(message, "ModelArts sent a value that this gateway does not know");
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
