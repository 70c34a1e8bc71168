/** Fields that name a document: of GraphQL over HTTP, and of Relay's documentation. */
const ID_FIELDS = ["documentId", "doc_id"] as const;

/**
 * A request that names its document by `documentId` or `doc_id`, written as an automatic persisted query; every other
 * request as it is. A request with a text is one by text.
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

/** The same for the query string of a GET. */
export function searchWithPersistedQuery(search: string): string {
  const parameters = new URLSearchParams(search);
  const [id] = ID_FIELDS.flatMap((field) => parameters.getAll(field));
  if (id === undefined || (parameters.get("query") ?? "") !== "") return search;
  parameters.delete("query");
  const extensions = objectIn(parameters.get("extensions") ?? "{}");
  // Apollo Server says what is wrong with extensions.
  if (extensions === null) return search;
  parameters.set("extensions", JSON.stringify({ ...extensions, persistedQuery: persistedQuery(id) }));
  return `?${parameters.toString()}`;
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
