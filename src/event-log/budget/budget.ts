import { type CacheKey } from "../../cache/keys.js";
import { type WindowCounter } from "../../cache/window-counter.js";
import { GatewayError } from "../../errors.js";
import { type Credentials } from "../../modelarts/client.js";

/** The length of the window of a budget, in milliseconds. */
export const WINDOW_MS = 60_000;

/** The error of a caller that has used its budget of upstream calls. It still gets data from the cache. */
export class BudgetExceeded extends GatewayError {
  /**
   * @param payer the hash of the caller whose budget is used
   * @param perMinute the budget
   */
  constructor(
    readonly payer: string,
    readonly perMinute: number,
    retryAfterMs: number,
  ) {
    super("RATE_LIMITED", `This caller has used its budget of ${perMinute} calls to ModelArts per minute.`, {
      retryAfterMs,
    });
  }
}

/** The payer of a call. @param caller the hash of the token, or of the gateway's own credentials */
export function payerOf(credentials: Credentials, caller: string): string {
  return credentials.kind === "none" ? (credentials.caller ?? caller) : caller;
}

export type BudgetOptions = {
  readonly perMinute: number;
  readonly counter: WindowCounter;
  readonly keyOf: (payer: string) => CacheKey;
  /** Called for each refused call. */
  readonly onRefusal: () => void;
};

/**
 * Returns a function that charges one call to a budget.
 * @throws BudgetExceeded if the budget of this minute is used
 */
export function createBudget(options: BudgetOptions): (payer: string) => Promise<void> {
  const { perMinute, counter, keyOf, onRefusal } = options;
  return async (payer) => {
    const { isAllowed, endsInMs } = await counter(keyOf(payer), perMinute, WINDOW_MS);
    if (isAllowed) return;
    onRefusal();
    throw new BudgetExceeded(payer, perMinute, Math.max(1, Math.ceil(endsInMs)));
  };
}
