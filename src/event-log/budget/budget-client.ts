import { type Tenancy } from "../../cache/keys.js";
import { type ModelArtsClient } from "../../modelarts/client.js";
import { payerOf } from "./budget.js";

/**
 * A client that charges each call to the budget of its caller before it makes the call. If several callers wait for one
 * call, it is charged to the one that started it.
 */
export function createBudgetClient(
  client: Pick<ModelArtsClient, "listEvents">,
  charge: (payer: string) => Promise<void>,
  { callerOf }: Pick<Tenancy, "callerOf">,
): Pick<ModelArtsClient, "listEvents"> {
  return {
    async listEvents(request, call) {
      const { credentials } = call;
      await charge(payerOf(credentials, callerOf(credentials.kind === "token" ? credentials.token : null)));
      return client.listEvents(request, call);
    },
  };
}
