import { type GatewayErrorCode } from "../generated/enums.js";
import { isGatewayErrorCode } from "./codes.js";

/** The answer of ModelArts behind an error. */
export type ModelArtsAnswer = {
  readonly errorCode: string | null;
  readonly errorMsg: string | null;
  readonly httpStatus: number | null;
  readonly requestId: string | null;
};

/** One GraphQL error of the gateway, whichever client it came through. */
export type GatewayErrorInfo = {
  readonly code: GatewayErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  /** How long to wait before the next try, in milliseconds, where the gateway knows. */
  readonly retryAfterMs?: number;
  /** With CURSOR_EXPIRED: where to go on; null where nothing is left. */
  readonly resumeCursor?: string | null;
  /** The argument at fault, such as `page.first`. */
  readonly argument?: string;
  readonly modelArts?: ModelArtsAnswer;
};

type Fields = Readonly<Record<string, unknown>>;

/** The places where clients keep the list of GraphQL errors. */
const LISTS = ["errors", "graphQLErrors"];
/** The places where clients keep an object with such a list, or the error that caused this one. */
const NESTED = ["source", "response", "result", "payload", "networkError", "cause"];
/** Deep enough for an error in an answer in an error in a cause. */
const MAX_DEPTH = 5;

/**
 * The gateway's errors in what a client threw or returned. Reads the shapes of Apollo Client, urql, Relay,
 * graphql-request, graphql-ws, graphql-sse and a plain answer. Empty where the failure is of another kind, such as a
 * lost connection.
 */
export function gatewayErrorsOf(failure: unknown): GatewayErrorInfo[] {
  return graphQLErrorsOf(failure, MAX_DEPTH).flatMap((error) => infoOf(error) ?? []);
}

/** Whether the failure is an error of the gateway; with codes, whether it has one of these. */
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
  // Apollo's ServerError keeps the answer as text.
  return first ?? graphQLErrorsOf(parsed(failure["bodyText"]), depth - 1);
}

function infoOf(error: Fields): GatewayErrorInfo | null {
  // urql and Relay's @catch keep the extensions; a WebSocket's CloseEvent has a code of another kind.
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
