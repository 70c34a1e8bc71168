import { type BlockStore } from "../../cache/block-store.js";
import { type FlightLock } from "../../cache/flight-lock.js";
import { cacheKey } from "../../cache/keys.js";
import { type EventLog, type ReadCall } from "../event-log.js";
import { type OffsetUnitState } from "../offset-unit.js";
import { SharedReads } from "../shared-reads.js";
import { type NarrowerFilter, type UpstreamReader } from "../upstream-reader.js";
import { DecodedCache } from "./decoded-cache.js";
import { type Grants } from "./grants.js";
import { type Lifetimes } from "./freshness.js";
import { type LogCache } from "./log-cache.js";
import { type StaleIfError } from "./stale-if-error.js";
import { type Counts, packCounts, unpackCounts, type UpTo } from "./stored-counts.js";

export { type Counts, type UpTo } from "./stored-counts.js";

/** Numbers to count: each is the `total` of one call with `limit=1`. */
export type CountsWant = {
  readonly log: EventLog;
  /** The name of the counts among the parts of the log. */
  readonly part: string;
  /** The earliest allowed moment of the counts. */
  readonly sinceMs: number;
  /** The filters of the calls if the upstream must count; null stands for 0 without a call. */
  readonly upTo: UpTo;
  readonly filters: readonly (NarrowerFilter | null)[];
  /** Whether earlier counts can be used. */
  readonly isUsable: (counts: Counts) => boolean;
  /** Whether rows will verify the counts. Then they are only a hint and not a part of the answer. */
  readonly isHint: boolean;
};

/** The dependencies for reading counts. */
type LogCountsParts = {
  readonly store: BlockStore;
  readonly cache: LogCache;
  readonly grants: Grants;
  readonly lock: FlightLock;
  readonly upstream: UpstreamReader;
  readonly unit: OffsetUnitState;
  readonly staleIfError: StaleIfError;
  readonly lifetimes: Lifetimes;
  readonly nowMs: () => number;
};

/** How long counts are kept at least, so that an operation finds its own readings. */
const KEPT_MS = 60_000;
const DECODED_MAX_BYTES = 512 * 1024;

/**
 * Counts of the events of all logs. They are kept like settled blocks, because only a change that raises the floor
 * changes them.
 */
export class LogCounts {
  readonly #reads: SharedReads<Counts>;
  readonly #decoded: DecodedCache<Counts>;

  constructor(private readonly parts: LogCountsParts) {
    this.#reads = new SharedReads(parts.lock, parts.grants, parts.nowMs);
    this.#decoded = new DecodedCache(DECODED_MAX_BYTES, unpackCounts, parts.nowMs);
  }

  /** The counts in the local cache; null if a read is needed. */
  local(want: CountsWant, call: ReadCall): Counts | null {
    const { cache, grants } = this.parts;
    const { log } = want;
    if (!cache.isLocal([refOf(want)], call) || !grants.isGranted(log)) return null;
    const counts = this.#usable(want, call);
    if (counts !== null && !want.isHint)
      this.#report(want, counts, cache.sourceOf(log, want.part, call), call);
    return counts;
  }

  /** @throws GatewayError */
  async read(want: CountsWant, call: ReadCall): Promise<Counts> {
    const { cache, grants } = this.parts;
    const { log, part, filters } = want;
    await cache.prefetch([refOf(want)], call);
    const known = this.#usable(want, call);
    if (known !== null) {
      await grants.ensure(log, call);
      return this.local(want, call) ?? known;
    }
    // The shared read itself counts as one call.
    this.#countUpstreamCalls(filters.filter((filter) => filter !== null).length - 1, call);
    const sinceMs = Math.max(
      want.sinceMs,
      grants.floorMs(log),
      Math.min(this.#settledSinceMs(), call.startedAtMs),
    );
    const local = (): Counts | null => this.#usable(want, call);
    const read = (flight: ReadCall): Promise<Counts> => this.#count(want, flight);
    const renewal = {
      log,
      part,
      last: () => this.#lastOf(want),
      read: (own: ReadCall) => this.#reads.read({ log, part, sinceMs, local, read }, own),
    };
    const renewed = await this.parts.staleIfError.renew(renewal, call);
    if (renewed.kind === "stale") return renewed.value;
    const { value, outcome } = renewed.value;
    // Another operation may have read counts up to another time.
    const counts = want.isUsable(value) ? value : await this.#countAlone(want, call);
    this.#report(want, counts, outcome, call);
    return counts;
  }

  #countAlone(want: CountsWant, call: ReadCall): Promise<Counts> {
    this.#countUpstreamCalls(want.filters.filter((filter) => filter !== null).length, call);
    return this.#count(want, call);
  }

  #countUpstreamCalls(calls: number, { countUpstreamCall }: ReadCall): void {
    for (let left = calls; left > 0; left -= 1) countUpstreamCall();
  }

  async #count({ log, part, upTo, filters }: CountsWant, call: ReadCall): Promise<Counts> {
    const { grants, upstream, store, lifetimes, nowMs } = this.parts;
    const readAtMs = nowMs();
    const one = (filter: NarrowerFilter | null): Promise<number> =>
      filter === null ? Promise.resolve(0) : grants.observe(log, () => upstream.count(log, filter, call));
    const counts = { readAtMs, upTo, counts: await Promise.all(filters.map(one)) };
    const { headTtlMs, settledTtlMs, staleMs } = lifetimes;
    const freshMs = Math.max(headTtlMs, settledTtlMs);
    const receivedAtMs = nowMs();
    const keptUntilMs = receivedAtMs + Math.max(KEPT_MS, freshMs + staleMs);
    const entry = { readAtMs, freshMs, keptUntilMs, receivedAtMs, value: packCounts(counts) };
    this.#decoded.keep(entry, counts);
    store.set(cacheKey(log.prefix, part), entry);
    return counts;
  }

  #stored({ log, part }: CountsWant): Counts | null {
    const entry = this.parts.store.peek(cacheKey(log.prefix, part));
    return entry === null ? null : this.#decoded.get(entry);
  }

  #usable(want: CountsWant, call: ReadCall): Counts | null {
    const counts = this.#stored(want);
    if (counts === null) return null;
    const { cache, grants } = this.parts;
    const settledMs = Math.min(this.#settledSinceMs(), call.startedAtMs);
    const sinceMs = Math.max(want.sinceMs, settledMs, cache.changedMs(want.log), grants.floorMs(want.log));
    return counts.readAtMs >= sinceMs && want.isUsable(counts) ? counts : null;
  }

  #settledSinceMs(): number {
    const { cache, unit, nowMs, lifetimes } = this.parts;
    return nowMs() - Math.max(lifetimes.headTtlMs, cache.fresh.settledMs(unit.current));
  }

  /** The last counts, if they may be used as stale while the upstream fails or is slow. */
  #lastOf(want: CountsWant): Counts | null {
    const { cache, grants } = this.parts;
    const { log } = want;
    const last = this.#stored(want);
    if (last === null || !grants.wasGranted(log)) return null;
    const sinceMs = Math.max(
      want.sinceMs,
      cache.changedMs(log),
      grants.floorMs(log),
      cache.fresh.staleSinceMs(),
    );
    return last.readAtMs >= sinceMs && want.isUsable(last) ? last : null;
  }

  #report(
    { log, part }: CountsWant,
    { readAtMs }: Counts,
    outcome: Parameters<ReadCall["report"]>[0]["outcome"],
    call: ReadCall,
  ): void {
    const { headTtlMs } = this.parts.lifetimes;
    // After a head lifetime, the counts are valid if the head that is used with them shows that the log only grew.
    const isFresh = readAtMs > this.parts.nowMs() - headTtlMs;
    const validUntilMs = isFresh ? readAtMs + headTtlMs : Number.POSITIVE_INFINITY;
    call.report({ part, outcome, ageMs: null }, { log, part, readAtMs, validUntilMs, oldestReadAtMs: null });
  }
}

function refOf({ log, part }: CountsWant) {
  return { log, ref: { key: part, start: 0, offset: 0 } };
}
