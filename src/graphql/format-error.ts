import { ApolloServerErrorCode } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError, Kind } from "graphql";
import { GatewayError } from "../errors.js";
import { type OperationContext } from "./context.js";
import { MAX_TOKENS } from "./limits.js";

/** Receives every unexpected exception; clients never see it. */
export type FaultListener = (fault: unknown, context: OperationContext | null) => void;

/** Apollo's and GraphQL's own codes, for requests that never run. */
const PROTOCOL_CODES: ReadonlySet<unknown> = new Set(
  Object.values(ApolloServerErrorCode).filter((code) => code !== ApolloServerErrorCode.INTERNAL_SERVER_ERROR),
);

/** The nodes of a graphql-js error that is about a wrong value of the client. Other errors have other nodes. */
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

/** The kind of an error: thrown by the gateway on purpose, a client's mistake with a code of the protocol, or a fault. */
type ErrorClass =
  | { readonly kind: "gateway"; readonly error: GatewayError }
  | { readonly kind: "protocol"; readonly code: string }
  | { readonly kind: "fault" };

/**
 * Makes Apollo Server's `formatError`. Every error gets a code and `retryable`. A {@link GatewayError} and a client's
 * mistake keep their messages. Every other error is shown as "Internal server error".
 * @param options.hideNames whether to remove "Did you mean …?", which contains names of the schema. Apollo's own
 *   `hideSchemaDetailsFromClientErrors` removes it from errors about documents, but not from errors about variables.
 */
export function errorFormatter(options: {
  readonly hideNames: boolean;
}): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const classified = classify(error);
    switch (classified.kind) {
      case "gateway": {
        const { code, message, retryable, details } = classified.error;
        return { ...formatted, message, extensions: { code, retryable, ...details } };
      }
      case "protocol": {
        const extensions = { ...formatted.extensions, code: classified.code, retryable: false };
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

/** The code of the first error of an answer, for logs and metrics; null without an error. */
export function firstCode(errors: readonly GraphQLFormattedError[] | null | undefined): string | null {
  const [first] = errors ?? [];
  if (first === undefined) return null;
  const code = first.extensions?.["code"];
  return typeof code === "string" ? code : ApolloServerErrorCode.INTERNAL_SERVER_ERROR;
}

/** Whether an error is a fault of the gateway itself, which is logged, and not of the client or the upstream. */
export function isFault(error: unknown): boolean {
  const classified = classify(error);
  return (
    classified.kind === "fault" ||
    (classified.kind === "gateway" && classified.error.code === "INTERNAL_SERVER_ERROR")
  );
}

/** The original error of an error of graphql-js; the error itself if there is none. Reports of faults contain it. */
export function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError ? (error.originalError ?? error) : error;
}

function classify(error: unknown): ErrorClass {
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

/** The message for a document that exceeds a limit of graphql-js, which has no error code for this; otherwise null. */
function excessOf(error: GraphQLError): string | null {
  const { code } = error.extensions;
  if (code === ApolloServerErrorCode.GRAPHQL_PARSE_FAILED) {
    if (/ tokens\. Parsing aborted\.$/.test(error.message)) {
      return `The document is too long: at most ${MAX_TOKENS} tokens are allowed.`;
    }
    if (find(error, (candidate) => candidate instanceof RangeError))
      return "The document is nested too deeply.";
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
 * Whether a variable is null although the schema requires a value, or more values are wrong than graphql-js lists.
 * Validation cannot find the first, and graphql-js has an error code for neither.
 */
function isWrongValue(error: GraphQLError): boolean {
  return (
    error.nodes?.some(({ kind }) => VALUE_KINDS.has(kind)) === true ||
    error.message.startsWith("Too many errors processing variables")
  );
}

/** The first error that fits, in the chain of original errors. */
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
