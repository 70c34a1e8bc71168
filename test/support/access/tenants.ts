import { type FlightLock, noLock } from "../../../src/cache/flight-lock.js";
import { type BlockStore } from "../../../src/cache/block-store.js";
import { type CacheOutcome } from "../../../src/cache/channels.js";
import { createTenancy } from "../../../src/cache/keys.js";
import { createMemoryStore } from "../../../src/cache/memory-store.js";
import { GatewayError } from "../../../src/errors.js";
import { createEventsReader, type OperationReads } from "../../../src/event-log/events-reader.js";
import { createLogNames } from "../../../src/event-log/log-names.js";
import { type PartRead } from "../../../src/event-log/event-log.js";
import { type EventsAnswer, type ModelArtsClient } from "../../../src/modelarts/client.js";
import { type EventsArguments, parseEventsArguments } from "../../../src/paging/arguments.js";
import { type EventConnection } from "../../../src/paging/connection.js";
import { type Language, LEVELS } from "../../../src/training-job-event.js";

export const HEAD_TTL_MS = 2_000;
export const STALE_MS = 300_000;
const SETTLED_TTL_MS = 60_000;

/** A caller and its request. */
export type Ask = {
  readonly token: string | null;
  readonly projectId: string;
  readonly jobId: string;
  readonly language: Language;
};

/** An upstream with its own clock. It knows the jobs that each token may read, and its events name their owner. */
export class GuardedModelArts implements Pick<ModelArtsClient, "listEvents"> {
  nowMs = Date.now();
  /** The jobs that each known token may read, as `project/job`. */
  readonly rights = new Map<string, Set<string>>();
  readonly jobs = new Map<string, number>();
  readonly limits: number[] = [];
  isFailing = false;
  latencyMs = 1;

  async listEvents(
    ...[request, { credentials }]: Parameters<ModelArtsClient["listEvents"]>
  ): Promise<EventsAnswer> {
    const { projectId, jobId, language, level, offset, limit } = request;
    this.limits.push(limit);
    const job = `${projectId}/${jobId}`;
    const refusal = this.#refusal(credentials.kind === "token" ? credentials.token : null, job);
    const count = this.jobs.get(job) ?? 0;
    await new Promise((resolve) => setImmediate(resolve));
    this.nowMs += this.latencyMs;
    if (refusal !== null) throw refusal;
    const events = Array.from({ length: count }, (_, index) => ({
      timeMs: 1_700_000_000_000 + index * 1_000,
      level: LEVELS[index % LEVELS.length] ?? null,
      source: null,
      message: `${job} ${language ?? "any"} ${index}`,
    })).filter((event) => level === null || event.level === level);
    return { total: events.length, events: events.slice(offset, offset + limit) };
  }

  #refusal(token: string | null, job: string): GatewayError | null {
    if (this.isFailing) return new GatewayError("UPSTREAM_UNAVAILABLE", "It fails.");
    const rights = token === null ? null : this.rights.get(token);
    if (rights === undefined) return new GatewayError("UNAUTHENTICATED", "No such token.");
    if (rights !== null && !rights.has(job)) return new GatewayError("FORBIDDEN", "Not yours.");
    return this.jobs.has(job) ? null : new GatewayError("TRAINING_JOB_NOT_FOUND", "No such job.");
  }

  takeLimits(): number[] {
    return this.limits.splice(0);
  }
}

/** One process over such an upstream; the test passes the parts that it shares with others. */
export class TenantProcess {
  readonly outcomes: CacheOutcome[] = [];
  readonly ages: number[] = [];
  readonly tenancy = createTenancy({ secret: "secret", upstream: "guarded" });
  readonly #reader: ReturnType<typeof createEventsReader>;

  constructor(upstream: GuardedModelArts, shared: { store: BlockStore; lock: FlightLock } | null = null) {
    const nowMs = (): number => upstream.nowMs;
    this.#reader = createEventsReader({
      client: upstream,
      store: shared?.store ?? createMemoryStore({ maxBytes: 16 * 1024 * 1024, nowMs }),
      lock: shared?.lock ?? noLock,
      tenancy: this.tenancy,
      nameLogs: createLogNames(this.tenancy),
      lifetimes: {
        headTtlMs: HEAD_TTL_MS,
        settledTtlMs: SETTLED_TTL_MS,
        staleMs: STALE_MS,
        staleWaitMs: 1_000,
      },
      decodedMaxBytes: 1024 * 1024,
      offset: "row",
      maxUpstreamCalls: 100,
      nowMs,
    });
  }

  /** One operation that reads pages of this job. */
  operation({ token, projectId, jobId, language }: Ask): Omit<OperationReads, "readEvents"> & {
    readonly read: (page?: Partial<EventsArguments>) => Promise<EventConnection>;
  } {
    const { readEvents, ...others } = this.#reader({
      requestId: "test",
      credentials: token === null ? { kind: "none" } : { kind: "token", token },
      language,
      deadline: { signal: new AbortController().signal, deadlineMs: Number.MAX_SAFE_INTEGER },
      onRead: ({ outcome, ageMs }: PartRead) => {
        this.outcomes.push(outcome);
        if (ageMs !== null) this.ages.push(ageMs);
      },
    });
    const read = async (page: Partial<EventsArguments> = {}) =>
      readEvents(
        { projectId, jobId },
        parseEventsArguments({ order: "NEWEST_FIRST", ...page }),
        new Set(["cursors"]),
      );
    return { read, ...others };
  }

  read(ask: Ask, page: Partial<EventsArguments> = {}): Promise<EventConnection> {
    return this.operation(ask).read(page);
  }

  takeOutcomes(): CacheOutcome[] {
    return this.outcomes.splice(0);
  }
}
