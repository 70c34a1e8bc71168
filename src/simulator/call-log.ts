/** One call to the simulated service and its outcome. */
export type Call = {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** The request headers that a client sets, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null until the answer is sent, and if the connection breaks before. */
  readonly status: number | null;
  /** Whether the call is over, with or without an answer. */
  readonly ended: boolean;
};

type OpenCall = { -readonly [Key in keyof Call]: Call[Key] };

/** The number of latest calls that are kept. The counters count all calls. */
const KEPT = 10_000;

/** Counts all calls and keeps the latest ones. */
export class CallLog {
  #calls: OpenCall[] = [];
  #total = 0;
  #inFlight = 0;
  #peakInFlight = 0;

  /** All calls since the last reset. */
  get total(): number {
    return this.#total;
  }

  /** Calls that are neither answered nor aborted. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** The largest number of calls in flight since the last reset. */
  get peakInFlight(): number {
    return this.#peakInFlight;
  }

  /** The latest calls, oldest first. */
  get list(): readonly Call[] {
    return this.#calls;
  }

  /** Records the start of a call. Call the returned function once, at its end. */
  open(call: Omit<Call, "status" | "ended">): (status: number | null) => void {
    const entry: OpenCall = { ...call, status: null, ended: false };
    if (this.#calls.length >= 2 * KEPT) this.#calls.splice(0, KEPT);
    this.#calls.push(entry);
    this.#total += 1;
    this.#inFlight += 1;
    this.#peakInFlight = Math.max(this.#peakInFlight, this.#inFlight);
    return (status) => {
      entry.status = status;
      entry.ended = true;
      this.#inFlight -= 1;
    };
  }

  /** Drops all calls, but keeps counting those in flight. */
  reset(): void {
    this.#calls = [];
    this.#total = 0;
    this.#peakInFlight = this.#inFlight;
  }
}
