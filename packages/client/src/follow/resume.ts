import { type LiveResult } from "./live-client.js";

/**
 * Makes a subscription continue after this batch when the client reconnects. It writes the batch's cursor into the
 * variables, which clients send again.
 */
export function noteCursor(variables: object, result: LiveResult): void {
  const cursor = batchOf(result)?.endCursor;
  if (typeof cursor === "string" && cursor !== "") Object.assign(variables, { after: cursor, last: 0 });
}

/** The batch of a result, selected with any alias; null if there is none. */
function batchOf({ data }: LiveResult): { endCursor?: unknown } | null {
  if (typeof data !== "object" || data === null) return null;
  const fields: unknown[] = Object.values(data);
  const batch = fields.find((field) => typeof field === "object" && field !== null && "endCursor" in field);
  return (batch as { endCursor?: unknown } | undefined) ?? null;
}
