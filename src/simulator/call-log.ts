/** One call that the simulated service was asked, with what came of it. */
export type Call = {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** The headers that a client of the service has a say in; names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null until there is an answer, and for ever when the connection broke before its end. */
  readonly status: number | null;
  /** Whether the call is over, with or without an answer. */
  readonly ended: boolean;
};

type OpenCall = { -readonly [Key in keyof Call]: Call[Key] };

/** How many of the latest calls are kept at least; the counters know them all. */
const KEPT = 10_000;

/** Counts the calls, and remembers the latest. */
export class CallLog {
  #calls: OpenCall[] = [];
  #total = 0;
  #inFlight = 0;
  #peakInFlight = 0;

  /** All calls since the last reset. */
  get total(): number {
    return this.#total;
  }

  /** Calls that have neither been answered nor given up. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** The most calls that were in flight at one moment since the last reset. */
  get peakInFlight(): number {
    return this.#peakInFlight;
  }

  /** The latest calls, oldest first. */
  get list(): readonly Call[] {
    return this.#calls;
  }

  /** Notes a call that begins; the function that it gives is to be called once, when the call is over. */
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

  /** Forgets all calls but counts those in flight on. */
  reset(): void {
    this.#calls = [];
    this.#total = 0;
    this.#peakInFlight = this.#inFlight;
  }
}
