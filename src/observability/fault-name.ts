/** A fault's code or name, for a log. Its message may contain a URL, and so a secret. */
export function faultName(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return "unknown";
  // The code of a DOMException, such as that of a time limit, is a number.
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
}
