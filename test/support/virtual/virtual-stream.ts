import { type EventBatch, followLog } from "../../../src/graphql/live/follow-log.js";
import { parseStreamArguments, type StreamArguments } from "../../../src/paging/arguments.js";
import { type VirtualClock } from "./virtual-clock.js";
import { HEAD_TTL_MS, STALE_MS, type VirtualGateway } from "./virtual-gateway.js";

/** A stream that is read as fast as it sends, and all that it sent. */
export class VirtualStream {
  readonly batches: (EventBatch & { readonly atMs: number })[] = [];
  error: unknown = null;
  readonly ended: Promise<void>;
  readonly #end = new AbortController();
  #isHeld = false;
  #goOn = (): void => undefined;

  constructor(
    gateway: VirtualGateway,
    private readonly clock: VirtualClock,
    args: Partial<StreamArguments>,
  ) {
    const { signal } = this.#end;
    const batches = followLog(
      {
        read: (page) => gateway.readForStream(page, signal),
        clock,
        pace: { headTtlMs: HEAD_TTL_MS, patienceMs: STALE_MS },
        signal,
      },
      parseStreamArguments({ last: 0, ...args }),
    );
    this.ended = this.#read(batches);
  }

  /** The messages of all events so far. */
  get messages(): string[] {
    return this.batches.flatMap(({ edges }) => edges.map(({ node }) => node.message));
  }

  get endCursor(): string | null {
    return this.batches.at(-1)?.endCursor ?? null;
  }

  /** Reads no further for now. */
  hold(): void {
    this.#isHeld = true;
  }

  goOn(): void {
    this.#isHeld = false;
    this.#goOn();
  }

  stop(): void {
    this.#end.abort();
  }

  async #read(batches: AsyncIterable<EventBatch>): Promise<void> {
    try {
      for await (const batch of batches) {
        this.batches.push({ ...batch, atMs: this.clock.nowMs() });
        if (this.#isHeld) await new Promise<void>((resolve) => (this.#goOn = resolve));
      }
    } catch (error) {
      this.error = error;
    }
  }
}
