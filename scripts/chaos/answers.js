// Asks the gateways that run, counts their answers by kind, and knows the errors that are allowed.
import { setTimeout as wait } from "node:timers/promises";
import { askPage } from "../walks/walk.js";

/** The errors by which a page may fail, and their `retryable`. Walks handle CURSOR_EXPIRED themselves. */
const ALLOWED = new Map([
  ["UPSTREAM_TIMEOUT", true],
  ["UPSTREAM_UNAVAILABLE", true],
  ["UPSTREAM_INVALID_RESPONSE", true],
  ["RATE_LIMITED", true],
  ["NO_ANSWER", true],
]);
const NEXT_TRY_MS = 10;

export function mayFail({ extensions }) {
  return ALLOWED.get(extensions?.code) === extensions?.retryable;
}

/** @param slots the gateways, see surroundings.js */
export function answersOf(slots, random) {
  const counts = {};
  const count = (kind) => {
    counts[kind] = (counts[kind] ?? 0) + 1;
  };

  /** Asks one of the gateways. Only a gateway that is killed meanwhile may give no answer. */
  async function ask(variables, query) {
    for (;;) {
      const alive = slots.filter(({ gateway }) => gateway !== null);
      if (alive.length === 0) {
        await wait(NEXT_TRY_MS);
        continue;
      }
      return askSlot(random.oneOf(alive), variables, query);
    }
  }

  async function askSlot(slot, variables, query) {
    const { kills, gateway } = slot;
    try {
      const answer = await askPage(gateway.url, variables, query);
      const { page, error } = answer;
      if (page !== null) count(page.isStale ? "stale page" : "fresh page");
      else count(error?.extensions?.code ?? "an answer without page and error");
      return answer;
    } catch (error) {
      if (slot.kills === kills) {
        throw new Error("A gateway that was not killed gave no answer.", { cause: error });
      }
      count("no answer, killed");
      return { page: null, error: { message: "killed", extensions: { code: "NO_ANSWER", retryable: true } } };
    }
  }

  return { counts, ask, askSlot };
}
