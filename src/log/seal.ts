import { type BlockStore } from "../cache/block-store.js";
import { type Entry } from "../cache/entry.js";
import { type CacheKey } from "../cache/key.js";
import { type Access } from "./access.js";
import { type HeldPart } from "./log.js";
import { type LogCache } from "./log-cache.js";

/** Tells whether what an operation was answered with would be the answer now. */
export type Seal = { readonly holds: () => boolean };

/**
 * Seals an answer with what it was made of: it holds as long as the very same entries are in the store, with the same
 * heads and grants beside them, and are still believed.
 * @returns null where something of it is not in the store as it was read, or no longer the caller's
 */
export function sealOf(
  parts: readonly HeldPart[],
  {
    store,
    cache,
    access,
    nowMs,
  }: { store: BlockStore; cache: LogCache; access: Access; nowMs: () => number },
): Seal | null {
  const entries = new Map<CacheKey, Entry | null>();
  let untilMs = Number.POSITIVE_INFINITY;
  for (const { log, part, readAtMs, believedUntilMs } of parts) {
    const key = cache.keyOf(log, part);
    const entry = store.peek(key);
    if (entry?.readAtMs !== readAtMs || readAtMs < cache.floorMs(log) || !access.isGranted(log)) return null;
    entries.set(key, entry);
    entries.set(log.headKey, store.peek(log.headKey));
    const grant = store.peek(log.accessKey);
    entries.set(log.accessKey, grant);
    const grantedUntilMs =
      log.credentials.kind === "none" || grant === null ? untilMs : grant.readAtMs + grant.freshMs;
    untilMs = Math.min(untilMs, believedUntilMs, grantedUntilMs);
  }
  const held = [...entries];
  return { holds: () => nowMs() < untilMs && held.every(([key, entry]) => store.peek(key) === entry) };
}
