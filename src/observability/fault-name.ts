/** A fault's code or kind, for a log; its message may hold a URL, and so a secret. */
export function faultName(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return "unknown";
  // A DOMException, such as that of a time limit, has a number for a code.
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
}
