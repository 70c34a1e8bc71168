import { GATEWAY_ERRORS } from "../../errors.js";

/** Codes of requests that were refused before execution; they are defined by Apollo Server. */
const PROTOCOL_CODES = [
  "BAD_REQUEST",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
];

/** The outcome of an operation or call whose callers all left. */
export const ABANDONED = "ABANDONED";

const KNOWN_CODES: ReadonlySet<string> = new Set([
  ...Object.keys(GATEWAY_ERRORS),
  ...PROTOCOL_CODES,
  ABANDONED,
]);

/** The value of the label `outcome`: OK for null, and OTHER for unknown codes, so that the set of values is bounded. */
export function outcomeOf(code: string | null): string {
  if (code === null) return "OK";
  return KNOWN_CODES.has(code) ? code : "OTHER";
}
