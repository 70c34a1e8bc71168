import { budgetKey, type Tenancy } from "../cache/keys.js";
import { type WindowCounter } from "../cache/window-counter.js";
import { createBudget } from "../event-log/budget/budget.js";
import { createBudgetClient } from "../event-log/budget/budget-client.js";
import { type ModelArtsClient } from "../modelarts/client.js";
import { type Metrics } from "../observability/metrics/metrics.js";
import { type Settings } from "../settings/settings.js";

/** The client with a budget for each caller; the client itself without RATE_LIMIT. */
export function withBudget(
  client: Pick<ModelArtsClient, "listEvents">,
  { RATE_LIMIT: perMinute }: Settings,
  parts: { readonly tenancy: Tenancy; readonly counter: WindowCounter; readonly metrics: Metrics },
): Pick<ModelArtsClient, "listEvents"> {
  if (perMinute === null) return client;
  const { tenancy, counter, metrics } = parts;
  const charge = createBudget({
    perMinute,
    counter,
    keyOf: (payer) => budgetKey(tenancy.tenant, payer),
    onRefusal: () => {
      metrics.countBudgetRefusal();
    },
  });
  return createBudgetClient(client, charge, tenancy);
}
