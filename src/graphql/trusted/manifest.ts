/** The texts of trusted documents by their IDs. */
export type Manifest = ReadonlyMap<string, string>;

/** Apollo's name of its format, in the field `format`. */
const APOLLO_FORMAT = "apollo-persisted-query-manifest";

/**
 * Reads a manifest of trusted documents: Apollo's (`operations`, each with `id` and `body`), or the map from ID to text
 * that Relay's compiler and the client preset of GraphQL Code Generator write.
 * @returns the manifest, or the problem, as the rest of a phrase that begins with "a file that"
 */
export function readManifest(text: string): Manifest | { readonly problem: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { problem: "is not JSON" };
  }
  if (!isRecord(parsed)) return { problem: "is not a JSON object" };
  const isApollos = parsed["format"] === APOLLO_FORMAT;
  const entries = isApollos ? operationsOf(parsed) : Object.entries(parsed);
  if (entries === null) return { problem: "has a version other than 1, or no list of operations" };
  const manifest = new Map<string, string>();
  for (const [id, document] of entries) {
    if (typeof id !== "string" || id === "" || typeof document !== "string" || document.trim() === "") {
      return { problem: "has an operation without an ID or without a text" };
    }
    if (manifest.has(id)) return { problem: "has two operations with the same ID" };
    manifest.set(id, document);
  }
  return manifest.size === 0 ? { problem: "lists no operation" } : manifest;
}

function operationsOf({ version, operations }: Readonly<Record<string, unknown>>) {
  if (version !== 1 || !Array.isArray(operations)) return null;
  return operations.map((operation: unknown): readonly [unknown, unknown] =>
    isRecord(operation) ? [operation["id"], operation["body"]] : [null, null],
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
