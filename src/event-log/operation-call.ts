import { GatewayError } from "../errors.js";
import { callsBeyondPrice } from "../paging/histogram.js";
import { type TraceContext } from "../modelarts/client.js";
import { type ReadCall } from "./event-log.js";

/** A class and not an object literal with a getter; see `http/request/deadline.ts`. */
export class OperationCall implements ReadCall {
  readonly lookedUp: ReadCall["lookedUp"] = new Map();
  acceptedSinceMs: number;
  renewalWait: ReadCall["renewalWait"];

  constructor(
    readonly requestId: string,
    readonly trace: TraceContext | null,
    readonly startedAtMs: number,
    readonly maxAgeMs: number | null,
    private readonly deadline: { readonly signal: AbortSignal; readonly deadlineMs: number },
    readonly report: ReadCall["report"],
    readonly countUpstreamCall: ReadCall["countUpstreamCall"],
  ) {
    this.acceptedSinceMs = startedAtMs;
    // A caller that requests younger data gets stale data only if the upstream fails.
    this.renewalWait = maxAgeMs === null ? "limited" : "unlimited";
  }

  get signal(): AbortSignal {
    return this.deadline.signal;
  }

  readonly deadlineMs = (): number => this.deadline.deadlineMs;
}

/** Counts upstream calls up to a limit, and as many more as a price within the limit can leave out. */
export function callCounter(max: number): () => void {
  let made = 0;
  return () => {
    made += 1;
    if (made > max + callsBeyondPrice(max)) {
      throw new GatewayError(
        "OPERATION_TOO_COMPLEX",
        `The operation needs more than ${max} calls to ModelArts.`,
      );
    }
  };
}
