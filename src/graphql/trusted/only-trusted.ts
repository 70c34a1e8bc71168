import { type ApolloServerPlugin, type GraphQLRequest, HeaderMap } from "@apollo/server";
import { GraphQLError } from "graphql";
import { GatewayError } from "../../errors.js";
import { type OperationContext } from "../context.js";
import { type TrustedDocuments } from "./trusted-documents.js";

/** Takes the place of a document that may not run, so that it is neither parsed nor validated. */
const STAND_IN = "{ __typename }";
const MESSAGE =
  "This gateway runs only trusted documents. Add this document to the manifest of TRUSTED_DOCUMENTS.";

/**
 * The plugin that runs only trusted documents, given by ID or by text. It has to be the first plugin. IDs come in
 * the form of automatic persisted queries; they need not be SHA-256 hashes, so Apollo Server never sees them.
 */
export function onlyTrusted(documents: TrustedDocuments): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: ({ request }) => {
      const asked = askedFor(request);
      // Apollo Server reports the mistake of a request without an operation.
      if (asked === null) return Promise.resolve();
      const text =
        "text" in asked ? (documents.hasText(asked.text) ? asked.text : null) : documents.byId(asked.id);
      request.query = text ?? STAND_IN;
      if (request.extensions?.["persistedQuery"] !== undefined) {
        request.extensions = { ...request.extensions, persistedQuery: undefined };
      }
      if (text !== null) return Promise.resolve();
      return Promise.resolve({ didResolveOperation: () => Promise.reject(refusal()) });
    },
  };
}

function askedFor({ query, extensions }: GraphQLRequest): { text: string } | { id: string } | null {
  if (query !== undefined && query !== "") return { text: query };
  const persisted: unknown = extensions?.["persistedQuery"];
  if (typeof persisted !== "object" || persisted === null || !("sha256Hash" in persisted)) return null;
  return typeof persisted.sha256Hash === "string" ? { id: persisted.sha256Hash } : null;
}

function refusal(): GraphQLError {
  return new GraphQLError(MESSAGE, {
    extensions: { http: { status: 403, headers: new HeaderMap() } },
    originalError: new GatewayError("FORBIDDEN", MESSAGE),
  });
}
