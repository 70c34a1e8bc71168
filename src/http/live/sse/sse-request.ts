import { type FastifyRequest } from "fastify";
import { type LiveRequest } from "../../../graphql/live/live-call.js";
import { parseQualityValues } from "../../request/quality-values.js";
import {
  hasPersistedQuery,
  searchWithPersistedQuery,
  withPersistedQuery,
} from "../../request/document-id.js";
import { header, searchOf } from "../../request/request-info.js";

export const EVENT_STREAM = "text/event-stream";

/** Media types of other answers at the GraphQL path. */
const OTHERS: ReadonlySet<string> = new Set([
  "application/graphql-response+json",
  "application/json",
  "text/html",
  "application/*",
  "*/*",
]);

/** Whether a request accepts an event stream: the most exact range of its `Accept` decides (RFC 9110, 12.5.1). */
export function acceptsEventStream(request: FastifyRequest): boolean {
  const accept = header(request, "accept");
  if (accept === undefined) return true;
  const ranges = parseQualityValues(accept);
  const [range] = [EVENT_STREAM, "text/*", "*/*"].flatMap((type) =>
    ranges.filter(({ name }) => name === type),
  );
  return range !== undefined && range.weight > 0;
}

/** The error of an invalid request for a stream. */
export class BadStreamRequest extends Error {}

/**
 * Whether a request prefers an event stream to all other answers at the GraphQL path. With equal weights, JSON wins.
 */
export function prefersEventStream(request: FastifyRequest): boolean {
  const accept = header(request, "accept")?.toLowerCase();
  if (accept === undefined || !accept.includes(EVENT_STREAM)) return false;
  let stream = 0;
  let other = 0;
  for (const { name, weight } of parseQualityValues(accept)) {
    if (name === EVENT_STREAM) stream = Math.max(stream, weight);
    else if (OTHERS.has(name)) other = Math.max(other, weight);
  }
  return stream > other;
}

/**
 * Reads the operation of a request, like graphql-sse.
 * The text is empty if the request contains the hash of an automatic persisted query instead of it.
 * @param takesDocumentIds whether the request may also contain a document ID
 * @throws BadStreamRequest
 */
export function streamRequest(request: FastifyRequest, takesDocumentIds: boolean): LiveRequest {
  const given = request.method === "GET" ? inUrl(request, takesDocumentIds) : inBody(request.body);
  return operationOf(takesDocumentIds ? (withPersistedQuery(given) as Parameters) : given);
}

function operationOf({ query: text, operationName, variables, extensions }: Parameters): LiveRequest {
  const query = text ?? (hasPersistedQuery(extensions) ? "" : null);
  if (query === null) throw new BadStreamRequest("Missing query");
  if (typeof query !== "string") throw new BadStreamRequest("Invalid query");
  if (operationName !== undefined && operationName !== null && typeof operationName !== "string") {
    throw new BadStreamRequest("Invalid operationName");
  }
  return {
    query,
    operationName,
    variables: objectOf(variables, "variables"),
    extensions: objectOf(extensions, "extensions"),
  };
}

type Parameters = {
  readonly query?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
  readonly extensions?: unknown;
};

function inUrl(request: FastifyRequest, takesDocumentIds: boolean): Parameters {
  const given = searchOf(request);
  const search = new URLSearchParams(takesDocumentIds ? searchWithPersistedQuery(given) : given);
  const parsed = (name: string): unknown => {
    const text = search.get(name);
    if (text === null || text === "") return null;
    try {
      return JSON.parse(text);
    } catch {
      throw new BadStreamRequest(`Invalid ${name}: not JSON`);
    }
  };
  return {
    query: search.get("query"),
    operationName: search.get("operationName"),
    variables: parsed("variables"),
    extensions: parsed("extensions"),
  };
}

function inBody(body: unknown): Parameters {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new BadStreamRequest("The body must be a JSON object");
  }
  return body;
}

function objectOf(value: unknown, name: string): Record<string, unknown> | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "object" || Array.isArray(value)) throw new BadStreamRequest(`Invalid ${name}`);
  return value as Record<string, unknown>;
}
