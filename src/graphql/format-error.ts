import { ApolloServerErrorCode } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError, Kind } from "graphql";
import { GatewayError } from "../errors.js";
import { MAX_TOKENS } from "./limits.js";

/** Apollo's and GraphQL's own codes, for requests that never run. */
const PROTOCOL_CODES: ReadonlySet<unknown> = new Set(
  Object.values(ApolloServerErrorCode).filter((code) => code !== ApolloServerErrorCode.INTERNAL_SERVER_ERROR),
);

/** What graphql-js points at when a value of the client's is wrong; at anything else it points for other reasons. */
const VALUE_KINDS: ReadonlySet<string> = new Set([
  Kind.VARIABLE,
  Kind.NULL,
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
]);

/** Whose doing an error is: the gateway's on purpose, the client's under a code of the protocol, or a fault. */
type Verdict =
  | { readonly kind: "gateway"; readonly error: GatewayError }
  | { readonly kind: "protocol"; readonly code: string }
  | { readonly kind: "fault" };

/**
 * Makes Apollo Server's `formatError`. Every error leaves with a code and `retryable`. A {@link GatewayError} is
 * shown as it is; what the client did wrong keeps its message; of anything else nothing is shown.
 * @param options.hideNames whether to cut "Did you mean …?", which tells names of the schema. Apollo's own
 *   `hideSchemaDetailsFromClientErrors` cuts it where documents are wrong, but not where variables are.
 */
export function errorFormatter(options: {
  readonly hideNames: boolean;
}): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const verdict = judge(error);
    switch (verdict.kind) {
      case "gateway": {
        const { code, message, retryable, details } = verdict.error;
        return { ...formatted, message, extensions: { code, retryable, ...details } };
      }
      case "protocol": {
        const extensions = { ...formatted.extensions, code: verdict.code, retryable: false };
        const message = options.hideNames ? withoutSuggestion(formatted.message) : formatted.message;
        return { ...formatted, message, extensions };
      }
      case "fault": {
        const extensions = { code: ApolloServerErrorCode.INTERNAL_SERVER_ERROR, retryable: false };
        return { ...formatted, message: "Internal server error", extensions };
      }
    }
  };
}

/** Whether an error is the gateway's own failing, to be logged and mended, and not the client's or upstream's. */
export function isFault(error: unknown): boolean {
  const verdict = judge(error);
  return (
    verdict.kind === "fault" || (verdict.kind === "gateway" && verdict.error.code === "INTERNAL_SERVER_ERROR")
  );
}

/** What stands behind an error of graphql-js, where anything does: what a fault is reported by. */
export function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError ? (error.originalError ?? error) : error;
}

function judge(error: unknown): Verdict {
  const gatewayError = find(error, (candidate) => candidate instanceof GatewayError);
  if (gatewayError instanceof GatewayError) return { kind: "gateway", error: gatewayError };
  if (!(error instanceof GraphQLError)) return { kind: "fault" };
  const excess = excessOf(error);
  if (excess !== null) return { kind: "gateway", error: new GatewayError("OPERATION_TOO_COMPLEX", excess) };
  const { code } = error.extensions;
  if (typeof code === "string" && PROTOCOL_CODES.has(code)) return { kind: "protocol", code };
  if (isRefusedRequest(error)) return { kind: "protocol", code: ApolloServerErrorCode.BAD_REQUEST };
  if (isWrongValue(error)) return { kind: "protocol", code: ApolloServerErrorCode.BAD_USER_INPUT };
  return { kind: "fault" };
}

/** What the document had too much of when graphql-js gave up on it, or null. It has no code of its own for that. */
function excessOf(error: GraphQLError): string | null {
  const { code } = error.extensions;
  if (code === ApolloServerErrorCode.GRAPHQL_PARSE_FAILED) {
    if (/ tokens\. Parsing aborted\.$/.test(error.message)) {
      return `The document is too long: at most ${MAX_TOKENS} tokens are allowed.`;
    }
    if (find(error, (candidate) => candidate instanceof RangeError)) return "The document nests too deep.";
  }
  if (code === ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED && error.message === "Validation aborted.") {
    return "The document repeats a field too often.";
  }
  return null;
}

/** Apollo Server gives some mistakes around persisted queries a status of 400 but no code. */
function isRefusedRequest(error: GraphQLError): boolean {
  const { http } = error.extensions;
  const status = typeof http === "object" && http !== null && "status" in http ? http.status : undefined;
  return typeof status === "number" && status >= 400 && status < 500;
}

/**
 * A variable that turned out null where the schema wants a value, which no validation can see, or more wrong
 * values than graphql-js cares to list. It gives neither a code.
 */
function isWrongValue(error: GraphQLError): boolean {
  return (
    error.nodes?.some(({ kind }) => VALUE_KINDS.has(kind)) === true ||
    error.message.startsWith("Too many errors processing variables")
  );
}

/** The first along the chain of original errors that fits. */
function find(error: unknown, fits: (candidate: unknown) => boolean): unknown {
  for (let candidate = error; candidate !== undefined;) {
    if (fits(candidate)) return candidate;
    candidate = candidate instanceof GraphQLError ? candidate.originalError : undefined;
  }
  return undefined;
}

function withoutSuggestion(message: string): string {
  return message.replace(/ ?Did you mean .+\?$/s, "");
}
