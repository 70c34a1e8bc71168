import { createHash } from "node:crypto";
import { GraphQLError, parse, stripIgnoredCharacters } from "graphql";
import { MAX_TOKENS } from "../limits.js";
import { type Manifest } from "./manifest.js";

/** The prefix of an ID that is a SHA-256 hash, by GraphQL over HTTP. */
const SHA256_PREFIX = "sha256:";
/** A text that is longer than the longest trusted one by this factor is refused without a comparison. */
const LONGER_FACTOR = 4;

/** The documents that may run. */
export class TrustedDocuments {
  readonly #byId = new Map<string, string>();
  /** The texts without ignored characters, so that formatting does not matter. */
  readonly #minified = new Set<string>();
  readonly #texts: ReadonlySet<string>;
  readonly #maxLength: number;

  /** @throws GraphQLError with the ID, if a text is not a GraphQL document or is too long */
  constructor(manifest: Manifest) {
    this.#texts = new Set(manifest.values());
    this.#maxLength = LONGER_FACTOR * Math.max(...[...this.#texts].map(({ length }) => length));
    for (const [id, text] of manifest) {
      checkDocument(id, text);
      this.#minified.add(stripIgnoredCharacters(text));
      // Clients of automatic persisted queries send this hash, not the ID of the manifest.
      this.#byId.set(createHash("sha256").update(text).digest("hex"), text);
    }
    for (const [id, text] of manifest) this.#byId.set(id, text);
  }

  /** The text of the document with an ID; null for an unknown ID. */
  byId(id: string): string | null {
    const payload = id.startsWith(SHA256_PREFIX) ? id.slice(SHA256_PREFIX.length) : id;
    return this.#byId.get(id) ?? this.#byId.get(payload) ?? null;
  }

  /** Whether a text is that of a trusted document. Differences in white space, commas and comments do not count. */
  hasText(text: string): boolean {
    if (this.#texts.has(text)) return true;
    if (text.length > this.#maxLength) return false;
    try {
      return this.#minified.has(stripIgnoredCharacters(text));
    } catch (error) {
      if (error instanceof GraphQLError) return false;
      throw error;
    }
  }
}

function checkDocument(id: string, text: string): void {
  try {
    parse(text, { noLocation: true, maxTokens: MAX_TOKENS });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new GraphQLError(`the document ${JSON.stringify(id)} cannot be parsed: ${error.message}`);
  }
}
