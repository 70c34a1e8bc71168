import { GATEWAY_ERRORS } from "../../errors.js";
import { LiveResult } from "../../graphql/live/live-call.js";

/** The last result of a subscription when the process shuts down. It tells the client to subscribe again. */
export const LAST_RESULT = new LiveResult(
  JSON.stringify({
    errors: [
      {
        message: "The gateway is shutting down. Subscribe again with the last endCursor.",
        extensions: {
          code: "UPSTREAM_UNAVAILABLE",
          retryable: GATEWAY_ERRORS.UPSTREAM_UNAVAILABLE.retryable,
        },
      },
    ],
  }),
  0,
  null,
);
