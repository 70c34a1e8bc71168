import { type ApolloServer, type HeaderMap, type HTTPGraphQLRequest } from "@apollo/server";
import { type OperationContext, type ValidOperation } from "../graphql/context.js";
import { hasPersistedQuery } from "./request/document-id.js";
import { type OperationReport, type OperationReports } from "./operation-reports.js";

/** How one operation was answered. */
export type OperationAnswer = {
  readonly status: number;
  readonly headers: HeaderMap;
  /** JSON with a line break at the end. */
  readonly body: string;
  readonly report: OperationReport;
  /** Null if the document is not valid. */
  readonly valid: ValidOperation | null;
};

/** Statuses that concern the HTTP request and not the operation: method, accepted types and rate limit. */
const HTTP_STATUSES: ReadonlySet<number> = new Set([405, 406, 429]);

/** Runs one operation in Apollo Server. */
export async function runOperation(
  { apollo, reports }: { apollo: ApolloServer<OperationContext>; reports: OperationReports },
  request: HTTPGraphQLRequest,
  context: OperationContext,
): Promise<OperationAnswer> {
  const {
    status: asked = 200,
    headers,
    body,
  } = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: request,
    context: () => Promise.resolve(context),
  });
  if (body.kind !== "complete") throw new Error("Apollo Server returned an incremental answer.");
  const known = reports.of(request);
  // Routers and older clients ignore the body of a 4xx answer and so the codes of its errors.
  const isJson = headers.get("content-type")?.startsWith("application/json") === true;
  const isClientError = asked >= 400 && asked < 500 && !HTTP_STATUSES.has(asked);
  const status = isJson && isClientError && known !== undefined && holdsOperation(request) ? 200 : asked;
  const code = asked < 500 ? "BAD_REQUEST" : "INTERNAL_SERVER_ERROR";
  return {
    status,
    headers,
    body: body.string,
    report: known?.report ?? { operationName: null, code },
    valid: known?.valid ?? null,
  };
}

/** Whether a request has a document, or the hash of one. */
function holdsOperation({ method, body, search }: HTTPGraphQLRequest): boolean {
  if (method === "GET") {
    const parameters = new URLSearchParams(search);
    return (parameters.get("query") ?? "") !== "" || parameters.has("extensions");
  }
  if (typeof body !== "object" || body === null) return false;
  const { query, extensions } = body as Readonly<Record<string, unknown>>;
  if (typeof query === "string" && query !== "") return true;
  return hasPersistedQuery(extensions);
}
