import { type LiveResult } from "./live-client.js";

/**
 * Makes a subscription go on where it is: writes the batch's cursor into its variables, which clients send again when
 * they reconnect.
 */
export function noteCursor(variables: object, result: LiveResult): void {
  const cursor = batchOf(result)?.endCursor;
  if (typeof cursor === "string" && cursor !== "") Object.assign(variables, { after: cursor, last: 0 });
}

/** The batch in a result, under whatever alias it was selected; null where there is none. */
function batchOf({ data }: LiveResult): { endCursor?: unknown } | null {
  if (typeof data !== "object" || data === null) return null;
  const fields: unknown[] = Object.values(data);
  const batch = fields.find((field) => typeof field === "object" && field !== null && "endCursor" in field);
  return (batch as { endCursor?: unknown } | undefined) ?? null;
}
