import { GraphQLError } from "graphql";
import { type Manifest } from "../graphql/trusted/manifest.js";
import { TrustedDocuments } from "../graphql/trusted/trusted-documents.js";
import { SettingError } from "../settings/setting-error.js";

/**
 * The documents that may run; null where every document may.
 * @throws SettingError if the manifest has a text that is not a GraphQL document
 */
export function createTrustedDocuments(manifest: Manifest | null): TrustedDocuments | null {
  if (manifest === null) return null;
  try {
    return new TrustedDocuments(manifest);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new SettingError(`TRUSTED_DOCUMENTS: ${error.message}; allowed: GraphQL documents`);
  }
}
