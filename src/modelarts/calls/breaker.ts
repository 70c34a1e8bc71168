import { CircuitState, circuitBreaker, handleWhenResult } from "cockatiel";
import { GatewayError } from "../../errors.js";
import { publish } from "../channels.js";
import { FailureWindow } from "./failure-window.js";
import { type TryOutcome } from "./try-outcome.js";

const WINDOW_MS = 10_000;
const MINIMUM_CALLS = 20;
const PROBE_EVERY_MS = 2_000;

const STATE_NAMES = {
  [CircuitState.Closed]: "closed",
  [CircuitState.Open]: "open",
  [CircuitState.HalfOpen]: "half-open",
  [CircuitState.Isolated]: "open",
} as const;

/** Spares an upstream that fails. */
export type Breaker = {
  /**
   * Whether a try may be made now.
   * @throws GatewayError UPSTREAM_UNAVAILABLE with `retryAfterMs` while the circuit is open
   */
  check(): void;
  /** Makes a try for a request and counts how it ended. Throws like `check`. */
  run(requestId: string, attempt: () => Promise<TryOutcome>): Promise<TryOutcome>;
};

/**
 * Makes a breaker: it opens when half of at least 20 tries within 10 s failed by the upstream's fault, and lets one
 * probe through every 2 s. Two habits of cockatiel's are kept from showing: while a probe is on its way other calls
 * would wait for it (here they are refused at once), and a probe that throws closes the circuit (here an abandoned
 * probe, which has shown nothing, leaves it open).
 */
export function createBreaker(): Breaker {
  let openedAtMs = 0;
  let told: (typeof STATE_NAMES)[CircuitState] = "closed";
  const policy = circuitBreaker(
    handleWhenResult((outcome) => isFailure(outcome as TryOutcome)),
    { halfOpenAfter: PROBE_EVERY_MS, breaker: new FailureWindow(WINDOW_MS, MINIMUM_CALLS) },
  );
  policy.onStateChange((state) => {
    if (state === CircuitState.Open) openedAtMs = Date.now();
  });

  // Not by onStateChange, which does not say whose try it was.
  const report = (requestId: string): void => {
    const state = STATE_NAMES[policy.state];
    if (state === told) return;
    told = state;
    publish("gateway:modelarts:breaker", { state, requestId });
  };

  const check = (): void => {
    if (policy.state === CircuitState.Closed) return;
    const waitMs =
      policy.state === CircuitState.Open ? openedAtMs + PROBE_EVERY_MS - Date.now() : PROBE_EVERY_MS;
    if (waitMs > 0) {
      throw new GatewayError(
        "UPSTREAM_UNAVAILABLE",
        "ModelArts has failed too often and is being spared for a moment.",
        { retryAfterMs: waitMs },
      );
    }
  };

  return {
    check,
    async run(requestId, attempt) {
      check();
      const probing = policy.state !== CircuitState.Closed;
      try {
        const trying = policy.execute(async () => {
          const outcome = await attempt();
          if (outcome.kind === "abandoned" && !probing) throw new Uncounted(outcome);
          return outcome;
        });
        report(requestId);
        return await trying;
      } catch (error) {
        if (error instanceof Uncounted) return error.outcome;
        throw error;
      } finally {
        report(requestId);
      }
    },
  };
}

/** Carries an outcome past the counting, which leaves out what is thrown. */
class Uncounted extends Error {
  constructor(readonly outcome: TryOutcome) {
    super();
  }
}

function isFailure(outcome: TryOutcome): boolean {
  return outcome.kind === "failed" || outcome.kind === "abandoned";
}
