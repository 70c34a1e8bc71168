import { isUtf8 } from "node:buffer";
import { type Values } from "../graphql/plan/coerce-variables.js";

/** The operation in the body of a request. At least one of `query` and `hash` is present. */
export type OperationBody = {
  readonly query: string | null;
  /** The hash of an automatic persisted query, or the ID of a document. */
  readonly hash: string | null;
  readonly operationName: string | null;
  readonly variables: Values;
};

/** The fields that a body may have. Apollo Server answers a body with any other field. */
const FIELDS = new Set(["query", "operationName", "variables", "extensions", "documentId", "doc_id"]);
const NO_VARIABLES: Values = {};

/** Reads the only form of a body that the fast path answers; null for every other body, which Apollo Server gets. */
export function parseOperationBody(body: Buffer): OperationBody | null {
  if (!isUtf8(body)) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString());
  } catch {
    return null;
  }
  if (!isRecord(parsed)) return null;
  for (const field in parsed) if (!FIELDS.has(field)) return null;
  const { query = null, operationName = null, variables = null, extensions = null } = parsed;
  if (!isTextOrNull(query) || !isTextOrNull(operationName)) return null;
  if (variables !== null && !isRecord(variables)) return null;
  const documentId = parsed["documentId"] ?? parsed["doc_id"] ?? null;
  const hash = documentId === null ? hashOf(extensions) : nameOf(documentId, extensions);
  if (hash === undefined || (query === null && hash === null)) return null;
  return { query, hash, operationName, variables: variables ?? NO_VARIABLES };
}

/** The hash that represents a document ID; undefined if Apollo Server must handle the request. */
function nameOf(documentId: unknown, extensions: unknown): string | undefined {
  return typeof documentId === "string" && hashOf(extensions) === null ? `id ${documentId}` : undefined;
}

/** The hash of a persisted query; null without one, undefined if Apollo Server must handle the extensions. */
function hashOf(extensions: unknown): string | null | undefined {
  if (extensions === null) return null;
  if (!isRecord(extensions)) return undefined;
  const { persistedQuery } = extensions;
  if (persistedQuery === undefined) return null;
  if (!isRecord(persistedQuery) || persistedQuery["version"] !== 1) return undefined;
  const { sha256Hash } = persistedQuery;
  return typeof sha256Hash === "string" ? sha256Hash : undefined;
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

function isRecord(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
