/** Fields for a document's ID: the first is from GraphQL over HTTP, the second from Relay's documentation. */
const ID_FIELDS = ["documentId", "doc_id"] as const;

/**
 * Converts a request with `documentId` or `doc_id` to an automatic persisted query. Other requests stay unchanged. If a
 * request also has a text, the text is used.
 */
export function withPersistedQuery(body: unknown): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const given = body as Readonly<Record<string, unknown>>;
  if (typeof given["query"] === "string" && given["query"] !== "") return body;
  const id = ID_FIELDS.map((field) => given[field]).find((value) => typeof value === "string");
  if (id === undefined) return body;
  const extensions = given["extensions"] ?? {};
  if (typeof extensions !== "object") return body;
  return { ...given, extensions: { ...extensions, persistedQuery: persistedQuery(id) } };
}

/** {@link withPersistedQuery} for the query string of a GET. */
export function searchWithPersistedQuery(search: string): string {
  const parameters = new URLSearchParams(search);
  const [id] = ID_FIELDS.flatMap((field) => parameters.getAll(field));
  if (id === undefined || (parameters.get("query") ?? "") !== "") return search;
  parameters.delete("query");
  const extensions = objectIn(parameters.get("extensions") ?? "{}");
  // Apollo Server reports the error of invalid extensions.
  if (extensions === null) return search;
  parameters.set("extensions", JSON.stringify({ ...extensions, persistedQuery: persistedQuery(id) }));
  return `?${parameters.toString()}`;
}

/** Whether the extensions of a request contain an automatic persisted query. */
export function hasPersistedQuery(extensions: unknown): boolean {
  return typeof extensions === "object" && extensions !== null && "persistedQuery" in extensions;
}

function objectIn(text: string): object | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && !Array.isArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function persistedQuery(id: unknown) {
  return { version: 1, sha256Hash: id };
}
