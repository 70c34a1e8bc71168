import { type GraphQLRequestContextWillSendResponse } from "@apollo/server";
import { BudgetExceeded, WINDOW_MS } from "../../event-log/budget/budget.js";
import { isLive, type OperationContext } from "../context.js";
import { causeOf } from "../format-error.js";

/** The name of the policy in the `RateLimit` headers. */
const POLICY = "upstream";

/**
 * Makes the answer a 429 if a caller's budget is used and the operation has read nothing. An operation that has read a
 * part keeps its data, with an error for each missing part.
 */
export function refuseForBudget({
  contextValue,
  errors = [],
  response: { body, http },
}: GraphQLRequestContextWillSendResponse<OperationContext>): void {
  const causes = errors.map(causeOf);
  const [first] = causes;
  if (!(first instanceof BudgetExceeded) || isLive(contextValue)) return;
  const areAll = causes.every((cause) => cause instanceof BudgetExceeded);
  if (!areAll || contextValue.cache.reads.length > 0 || body.kind !== "single") return;
  // GraphQL over HTTP: an answer with data has a status of 2xx.
  delete body.singleResult.data;
  const seconds = String(Math.ceil((first.details.retryAfterMs ?? WINDOW_MS) / 1_000));
  http.status = 429;
  http.headers.set("retry-after", seconds);
  // The form of draft-ietf-httpapi-ratelimit-headers.
  http.headers.set("ratelimit-policy", `"${POLICY}";q=${first.perMinute};w=${WINDOW_MS / 1_000}`);
  http.headers.set("ratelimit", `"${POLICY}";r=0;t=${seconds}`);
}
