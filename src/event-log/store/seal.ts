import { type BlockStore } from "../../cache/block-store.js";
import { type Entry } from "../../cache/entry.js";
import { type CacheKey, type Tenancy } from "../../cache/keys.js";
import { type Grants } from "./grants.js";
import { HEAD, type SourcePart, type EventLog } from "../event-log.js";
import { REFRESH_AHEAD_RATIO } from "./freshness.js";
import { type LogCache } from "./log-cache.js";

/** A seal shows whether the answer to an operation is still valid. */
export type Seal = { readonly holds: () => boolean };

/** The dependencies for checking seals. */
export type SealDependencies = {
  readonly tenancy: Pick<Tenancy, "tenant">;
  readonly store: BlockStore;
  readonly cache: LogCache;
  readonly grants: Grants;
  readonly headTtlMs: number;
  readonly nowMs: () => number;
};

/**
 * Makes the seal of an answer. It holds as long as the store has exactly the entries that the answer was made from,
 * with the same heads and grants, all of them are valid, and the gateway is the same tenant.
 * @returns null if an entry is no longer in the store, or the caller has no grant for it
 */
export function sealOf(parts: readonly SourcePart[], dependencies: SealDependencies): Seal | null {
  const { tenancy, store, cache, grants, headTtlMs, nowMs } = dependencies;
  const { tenant } = tenancy;
  const hasHead = headsAmong(parts);
  const entries = new Map<CacheKey, Entry | null>();
  let untilMs = Number.POSITIVE_INFINITY;
  for (const { log, part, readAtMs, validUntilMs, oldestReadAtMs } of parts) {
    if (log.tenant !== tenant) return null;
    const key = cache.keyOf(log, part);
    const entry = store.peek(key);
    if (entry?.readAtMs !== readAtMs || readAtMs < cache.floorMs(log) || !grants.isGranted(log)) return null;
    // The part's own lifetime is over, so it is valid only with a head, and this answer did not use one. This happens if
    // reading the part took longer than its lifetime.
    if (validUntilMs === Number.POSITIVE_INFINITY && !hasHead(log)) return null;
    entries.set(key, entry);
    entries.set(log.headKey, store.peek(log.headKey));
    entries.set(log.grantKey, store.peek(log.grantKey));
    const oldestUntilMs =
      oldestReadAtMs === null ? untilMs : oldestReadAtMs + REFRESH_AHEAD_RATIO * headTtlMs;
    untilMs = Math.min(untilMs, validUntilMs, oldestUntilMs, grantedUntilMs(log, store));
  }
  const sealed = [...entries];
  const isCurrent = ([key, entry]: readonly [CacheKey, Entry | null]): boolean => store.peek(key) === entry;
  return { holds: () => tenancy.tenant === tenant && nowMs() < untilMs && sealed.every(isCurrent) };
}

/**
 * How long all parts of an answer stay fresh and the caller's grant is valid, in milliseconds; 0 for an answer without
 * parts.
 */
export function freshForMs(
  parts: readonly SourcePart[],
  { store, headTtlMs, nowMs }: Pick<SealDependencies, "store" | "headTtlMs" | "nowMs">,
): number {
  if (parts.length === 0) return 0;
  const hasHead = headsAmong(parts);
  const untilMs = parts.map(({ log, readAtMs, validUntilMs, oldestReadAtMs }) => {
    const isByHead = validUntilMs === Number.POSITIVE_INFINITY && hasHead(log);
    const bySelfMs = (isByHead ? (oldestReadAtMs ?? validUntilMs) : readAtMs) + headTtlMs;
    return Math.min(bySelfMs, grantedUntilMs(log, store));
  });
  return Math.max(0, Math.min(...untilMs) - nowMs());
}

function headsAmong(parts: readonly SourcePart[]): (log: EventLog) => boolean {
  const prefixes = new Set(parts.filter(({ part }) => part === HEAD).map(({ log }) => log.prefix));
  return ({ prefix }) => prefixes.has(prefix);
}

/** The end of the caller's grant. */
function grantedUntilMs(log: EventLog, store: BlockStore): number {
  if (log.credentials.kind === "none") return Number.POSITIVE_INFINITY;
  const grant = store.peek(log.grantKey);
  return grant === null ? 0 : grant.readAtMs + grant.freshMs;
}
