import { type Tenancy } from "../../cache/keys.js";
import { type ModelArtsClient } from "../../modelarts/client.js";
import { payerOf } from "./budget.js";

/**
 * A client whose calls are charged to the budgets of their callers before they are made. A call that several callers
 * wait for is charged to the one that began it.
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
