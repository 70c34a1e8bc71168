import { type BlockStore } from "../../cache/block-store.js";
import { type Entry } from "../../cache/entry.js";
import { type CacheKey } from "../../cache/keys.js";
import { type Grants } from "./grants.js";
import { HEAD, type SourcePart, type EventLog } from "../event-log.js";
import { AGEING } from "./freshness.js";
import { type LogCache } from "./log-cache.js";

/** Tells whether what an operation was answered with would be the answer now. */
export type Seal = { readonly holds: () => boolean };

/** What answers are held against. */
export type Sealing = {
  readonly store: BlockStore;
  readonly cache: LogCache;
  readonly access: Grants;
  readonly headTtlMs: number;
  readonly nowMs: () => number;
};

/**
 * Seals an answer with what it was made of: it holds as long as the very same entries are in the store, with the same
 * heads and grants beside them, and are still believed.
 * @returns null where something of it is not in the store as it was read, or no longer the caller's
 */
export function sealOf(parts: readonly SourcePart[], sealing: Sealing): Seal | null {
  const { store, cache, access, headTtlMs, nowMs } = sealing;
  const hasHead = headsAmong(parts);
  const entries = new Map<CacheKey, Entry | null>();
  let untilMs = Number.POSITIVE_INFINITY;
  for (const { log, part, readAtMs, believedUntilMs, originAtMs } of parts) {
    const key = cache.keyOf(log, part);
    const entry = store.peek(key);
    if (entry?.readAtMs !== readAtMs || readAtMs < cache.floorMs(log) || !access.isGranted(log)) return null;
    // What is believed as long as the head beside it was read too slowly to be believed at all if there is none.
    if (believedUntilMs === Number.POSITIVE_INFINITY && !hasHead(log)) return null;
    entries.set(key, entry);
    entries.set(log.headKey, store.peek(log.headKey));
    entries.set(log.accessKey, store.peek(log.accessKey));
    const originUntilMs = originAtMs === null ? untilMs : originAtMs + AGEING * headTtlMs;
    untilMs = Math.min(untilMs, believedUntilMs, originUntilMs, grantedUntilMs(log, store));
  }
  const held = [...entries];
  return { holds: () => nowMs() < untilMs && held.every(([key, entry]) => store.peek(key) === entry) };
}

/**
 * For how long what an answer was made of remains as new as answers have to be, and the caller's to see, in
 * milliseconds; 0 where it was made of nothing.
 */
export function freshForMs(
  parts: readonly SourcePart[],
  { store, headTtlMs, nowMs }: Pick<Sealing, "store" | "headTtlMs" | "nowMs">,
): number {
  if (parts.length === 0) return 0;
  const hasHead = headsAmong(parts);
  const untilMs = parts.map(({ log, readAtMs, believedUntilMs, originAtMs }) => {
    const isByHead = believedUntilMs === Number.POSITIVE_INFINITY && hasHead(log);
    const bySelfMs = (isByHead ? (originAtMs ?? believedUntilMs) : readAtMs) + headTtlMs;
    return Math.min(bySelfMs, grantedUntilMs(log, store));
  });
  return Math.max(0, Math.min(...untilMs) - nowMs());
}

function headsAmong(parts: readonly SourcePart[]): (log: EventLog) => boolean {
  const prefixes = new Set(parts.filter(({ part }) => part === HEAD).map(({ log }) => log.prefix));
  return ({ prefix }) => prefixes.has(prefix);
}

/** Until when the caller may see what others have read. */
function grantedUntilMs(log: EventLog, store: BlockStore): number {
  if (log.credentials.kind === "none") return Number.POSITIVE_INFINITY;
  const grant = store.peek(log.accessKey);
  return grant === null ? 0 : grant.readAtMs + grant.freshMs;
}
