import { type GraphQLRequestContextWillSendResponse } from "@apollo/server";
import { type CacheReport, type OperationContext } from "./context.js";

/** Writes `extensions.cache` if the answer has stale data, or if the caller asked for it. */
export function addCacheExtension({
  contextValue,
  response: { body },
}: GraphQLRequestContextWillSendResponse<OperationContext>): void {
  const cache = extensionOf(contextValue.cache);
  if (cache === null || body.kind !== "single") return;
  const { singleResult } = body;
  singleResult.extensions = { ...singleResult.extensions, cache };
}

/** The value of `extensions.cache`; null if the answer has none. */
export function extensionOf({ reads, isShown }: CacheReport): object | null {
  const ages = reads.flatMap(({ ageMs }) => (ageMs === null ? [] : [ageMs]));
  const isStale = ages.length > 0;
  if (!isStale && !isShown) return null;
  return {
    stale: isStale,
    ...(isStale ? { ageMs: Math.max(...ages) } : {}),
    ...(isShown ? { reads: reads.map(({ part, outcome }) => ({ part, outcome })) } : {}),
  };
}
