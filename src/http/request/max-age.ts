/**
 * The highest age of data that the caller accepts, in milliseconds, from the request's `Cache-Control` (RFC 9111,
 * 5.2.1): 0 for `no-cache`, n seconds for `max-age=n`, the smaller of both. Null if the caller accepts any age.
 */
export function maxAgeMsOf(cacheControl: string | undefined): number | null {
  if (cacheControl === undefined) return null;
  let maxAgeMs: number | null = null;
  for (const directive of cacheControl.split(",")) {
    const seconds = secondsOf(directive.trim().toLowerCase());
    if (seconds !== null) maxAgeMs = Math.min(maxAgeMs ?? Infinity, seconds * 1_000);
  }
  return maxAgeMs;
}

function secondsOf(directive: string): number | null {
  if (directive === "no-cache") return 0;
  const [, digits] = /^max-age\s*=\s*"?(\d+)"?$/.exec(directive) ?? [];
  // Larger numbers are the same as no limit. This one is a safe integer in milliseconds.
  return digits === undefined ? null : Math.min(Number(digits), 2 ** 31);
}
