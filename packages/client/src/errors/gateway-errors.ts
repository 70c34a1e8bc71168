import { type GatewayErrorCode } from "../generated/enums.js";
import { isGatewayErrorCode } from "./codes.js";

/** The answer of ModelArts that caused an error. */
export type ModelArtsAnswer = {
  readonly errorCode: string | null;
  readonly errorMsg: string | null;
  readonly httpStatus: number | null;
  readonly requestId: string | null;
};

/** One GraphQL error of the gateway, in the same form for all clients. */
export type GatewayErrorInfo = {
  readonly code: GatewayErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  /** The time to wait before a retry, in milliseconds, if the gateway gives one. */
  readonly retryAfterMs?: number;
  /** With CURSOR_EXPIRED: the cursor to continue with; null if no event is left. */
  readonly resumeCursor?: string | null;
  /** The invalid argument, such as `page.first`. */
  readonly argument?: string;
  readonly modelArts?: ModelArtsAnswer;
};

type Fields = Readonly<Record<string, unknown>>;

/** Properties in which clients store the list of GraphQL errors. */
const LISTS = ["errors", "graphQLErrors"];
/** Properties in which clients store an object with such a list, or the cause of an error. */
const NESTED = ["source", "response", "result", "payload", "networkError", "cause"];
/** The maximum depth of nested errors, answers and causes. */
const MAX_DEPTH = 5;

/**
 * Finds the gateway's errors in a value that a client threw or returned. It supports Apollo Client, urql, Relay,
 * graphql-request, graphql-ws, graphql-sse and plain answers. The list is empty for other failures, such as a lost
 * connection.
 */
export function gatewayErrorsOf(failure: unknown): GatewayErrorInfo[] {
  return graphQLErrorsOf(failure, MAX_DEPTH).flatMap((error) => infoOf(error) ?? []);
}

/** Whether the failure is an error of the gateway. With codes: whether it has one of these codes. */
export function isGatewayError(failure: unknown, ...codes: readonly GatewayErrorCode[]): boolean {
  return gatewayErrorsOf(failure).some(({ code }) => codes.length === 0 || codes.includes(code));
}

function graphQLErrorsOf(failure: unknown, depth: number): readonly Fields[] {
  if (depth === 0) return [];
  if (Array.isArray(failure)) {
    return failure.flatMap((one: unknown) => (isFields(one) ? graphQLErrorsOf(one, depth - 1) : []));
  }
  if (!isFields(failure)) return [];
  if (infoOf(failure) !== null) return [failure];
  const found = [...LISTS, ...NESTED].map((place) => graphQLErrorsOf(failure[place], depth - 1));
  const first = found.find((errors) => errors.length > 0);
  // Apollo's ServerError contains the answer as text.
  return first ?? graphQLErrorsOf(parsed(failure["bodyText"]), depth - 1);
}

function infoOf(error: Fields): GatewayErrorInfo | null {
  // urql and Relay's @catch keep the extensions. The `code` of a WebSocket's CloseEvent is a number.
  const extensions = error["extensions"];
  if (!isFields(extensions)) return null;
  const { code, retryable, retryAfterMs, resumeCursor, argument, modelArts } = extensions;
  if (!isGatewayErrorCode(code)) return null;
  return {
    code,
    message: typeof error["message"] === "string" ? error["message"] : code,
    retryable: retryable === true,
    ...(typeof retryAfterMs === "number" && { retryAfterMs }),
    ...((typeof resumeCursor === "string" || resumeCursor === null) && { resumeCursor }),
    ...(typeof argument === "string" && { argument }),
    ...(isFields(modelArts) && { modelArts: modelArts as ModelArtsAnswer }),
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function parsed(text: unknown): unknown {
  if (typeof text !== "string") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
