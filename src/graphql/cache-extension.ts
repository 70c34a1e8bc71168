import { type ApolloServerPlugin } from "@apollo/server";
import { type CacheReport, type OperationContext } from "./context.js";

/** The plugin that writes `extensions.cache` if the answer has stale data, or if the caller asked for it. */
export function cacheExtension(): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        willSendResponse: ({ contextValue, response }) => {
          const cache = extensionOf(contextValue.cache);
          if (cache !== null && response.body.kind === "single") {
            const { singleResult } = response.body;
            singleResult.extensions = { ...singleResult.extensions, cache };
          }
          return Promise.resolve();
        },
      }),
  };
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
