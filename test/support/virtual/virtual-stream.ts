import { NO_COUNTS } from "../graph.js";
import { type BeginOperation, type OperationContext } from "../../../src/graphql/context.js";
import { type EventBatch } from "../../../src/graphql/live/event-batch.js";
import { type LiveCall, LiveResult } from "../../../src/graphql/live/live-call.js";
import { LogFollowers } from "../../../src/graphql/live/log-followers.js";
import { type StreamPace } from "../../../src/graphql/live/pace.js";
import { type SharedWriter } from "../../../src/graphql/live/stream-parts.js";
import { Subscriber } from "../../../src/graphql/live/subscriber.js";
import { parseStreamArguments, type StreamArguments } from "../../../src/paging/arguments.js";
import { type VirtualClock } from "./virtual-clock.js";
import { HEAD_TTL_MS, JOB, STALE_MS, type VirtualGateway } from "./virtual-gateway.js";

export const QUIET_INTERVAL_MS = 15_000;
const PACE: StreamPace = {
  headTtlMs: HEAD_TTL_MS,
  quietIntervalMs: QUIET_INTERVAL_MS,
  retryForMs: STALE_MS,
};

/** A result with its batch. */
class WrittenBatch extends LiveResult {
  constructor(readonly batch: EventBatch) {
    super("", batch.edges.length, batch.endCursor);
  }
}

/** The followers of each gateway, like those of a process. */
const followers = new WeakMap<VirtualGateway, LogFollowers>();

/** How many batches were written for all streams of an writer. */
export const written = { count: 0 };

const writer: SharedWriter = {
  write: (batch) => {
    written.count += 1;
    return new WrittenBatch(batch);
  },
};

/** The parts of a stream that a test may change. */
type StreamOptions = {
  /** Operations of the stream; default: those of the gateway. */
  readonly begin?: BeginOperation;
};

/** A stream whose client reads everything at once, and all results that it sent. */
export class VirtualStream implements LiveCall {
  readonly batches: (EventBatch & { readonly atMs: number })[] = [];
  error: unknown = null;
  readonly ended: Promise<void>;
  readonly resumeAfter = null;
  readonly begin: BeginOperation;
  readonly #subscriber: Subscriber;
  #end = (): void => undefined;
  #isHeld = false;
  #waiting: (() => void)[] = [];
  #unread = 0;

  constructor(
    gateway: VirtualGateway,
    private readonly clock: VirtualClock,
    args: Partial<StreamArguments>,
    { begin }: StreamOptions = {},
  ) {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.begin =
      begin ?? ((signal) => Promise.resolve({ context: gateway.contextFor(signal), end: () => undefined }));
    const parts = { clock, pace: PACE, watch: gateway.watch };
    const shared = followers.get(gateway) ?? new LogFollowers(parts);
    followers.set(gateway, shared);
    const start = parseStreamArguments(args);
    const subject = {
      job: { id: JOB.jobId, projectId: JOB.projectId },
      filter: start.page.filter,
    };
    this.#subscriber = new Subscriber(
      { ...parts, followers: shared },
      this,
      { subject, writer },
      start,
      (error) => {
        this.error = error;
        this.#end();
      },
    );
  }

  /** A client that does not read has room for one batch. */
  get isReady(): boolean {
    return !this.#isHeld || this.#unread === 0;
  }

  whenReady(callback: () => void): void {
    this.#waiting.push(callback);
  }

  onSubscription(): void {
    // Not counted in these tests.
  }

  send(result: LiveResult): void {
    if (!(result instanceof WrittenBatch)) throw new Error("The result was written by another writer.");
    this.batches.push({ ...result.batch, atMs: this.clock.nowMs() });
    if (this.#isHeld) this.#unread += 1;
  }

  end(): void {
    this.#end();
  }

  /** The messages of all events so far. */
  get messages(): string[] {
    return this.batches.flatMap(({ edges }) => edges.map(({ node }) => node.message));
  }

  /** The messages of all late events so far. */
  get lateMessages(): string[] {
    return this.batches.flatMap(({ lateEdges }) => lateEdges.map(({ node }) => node.message));
  }

  get missed(): number {
    return this.batches.reduce((sum, { missed }) => sum + missed, 0);
  }

  get endCursor(): string | null {
    return this.batches.at(-1)?.endCursor ?? null;
  }

  /** Stops reading until further notice. */
  hold(): void {
    this.#isHeld = true;
  }

  goOn(): void {
    this.#isHeld = false;
    this.#unread = 0;
    for (const callback of this.#waiting.splice(0)) callback();
  }

  stop(): void {
    this.#subscriber.stop();
    this.#end();
  }
}

/** A context that fails each read with an error. */
export function failingContext(error: () => Error, isAuthorized = true): OperationContext {
  return {
    requestId: "test",
    language: null,
    defaultProjectId: null,
    singleProject: false,
    cache: { reads: [], isShown: false },
    seal: () => null,
    jobs: () => [],
    freshForMs: () => 0,
    authorizedUntilMs: isAuthorized ? Infinity : 0,
    counts: NO_COUNTS,
    viewer: () => "any/gateway",
    readEvents: () => Promise.reject(error()),
  };
}
