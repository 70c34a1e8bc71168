import { performance } from "node:perf_hooks";
import { type FastifyReply } from "fastify";
import { type CacheReport } from "../../graphql/context.js";
import { type UpstreamTime } from "../../observability/upstream-times.js";

/**
 * Sets `Server-Timing` (W3C): the total time, the tries of calls to ModelArts, and the number of parts by their source.
 * @param startedMs the start of the request, from `performance.now()`
 */
export function setServerTiming(
  reply: FastifyReply,
  startedMs: number,
  { tries, durationMs }: UpstreamTime,
  { reads }: CacheReport,
): void {
  const counts = new Map<string, number>();
  for (const { outcome } of reads) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const sources = [...counts].map(([outcome, count]) => `${outcome} ${count}`).join(", ");
  const total = performance.now() - startedMs;
  reply.header(
    "server-timing",
    [
      `total;dur=${total.toFixed(1)}`,
      `upstream;dur=${durationMs.toFixed(1)};desc="tries ${tries}"`,
      ...(sources === "" ? [] : [`cache;desc="${sources}"`]),
    ].join(", "),
  );
  // Pages of allowed origins also see it in their Performance API.
  const origin = reply.getHeader("access-control-allow-origin");
  if (origin !== undefined) reply.header("timing-allow-origin", origin);
}
