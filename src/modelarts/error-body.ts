import { isJsonObject, type JsonObject } from "./json-object.js";

/** The fields of an error body; null if the body does not have them. */
export type ErrorBody = Said & {
  readonly requestId: string | null;
};

type Said = { readonly errorCode: string | null; readonly errorMsg: string | null };

/** The names of the code and the message, in the order of the search. */
const FLAT = [["error_code"], ["error_msg", "error_message"]] as const;
const CAMEL = [
  ["errorCode", "code"],
  ["errorMessage", "errorMsg", "message"],
] as const;

/**
 * Reads an error body. ModelArts, its API gateway and IAM write it flat (`error_code` with `error_msg` or
 * `error_message`), nested (`error: { code, message }`, the code sometimes a number), or in camel case. Clients see no
 * text of any other body, because it could contain anything.
 */
export function readErrorBody(text: string): ErrorBody {
  const body = parseObject(text);
  if (body === null) return { errorCode: null, errorMsg: null, requestId: null };
  const inner = Object.values(body).filter(isJsonObject);
  const pair = read(body, FLAT) ??
    inner.map((nested) => read(nested, FLAT) ?? readCamel(nested)).find((found) => found !== null) ??
    readCamel(body) ?? { errorCode: null, errorMsg: null };
  const requestId = [body, ...inner]
    .map((part) => textOf(part["request_id"]) ?? textOf(part["requestId"]))
    .find((id) => id !== null);
  return { ...pair, requestId: requestId ?? null };
}

function read(
  part: JsonObject,
  [codes, messages]: readonly [readonly string[], readonly string[]],
): Said | null {
  const errorCode = codes.map((name) => textOf(part[name])).find((found) => found !== null) ?? null;
  const errorMsg = messages.map((name) => sentenceOf(part[name])).find((found) => found !== null) ?? null;
  return errorCode === null && errorMsg === null ? null : { errorCode, errorMsg };
}

/** Requires a code: these names are common, so a `message` without a code may come from any program. */
function readCamel(part: JsonObject): Said | null {
  const pair = read(part, CAMEL);
  return pair?.errorCode === null ? null : pair;
}

/** Returns the text, unless it is an HTML page or a nested JSON body. */
function sentenceOf(value: unknown): string | null {
  const text = textOf(value);
  return text !== null && /^\s*[<{]/.test(text) ? null : text;
}

function parseObject(text: string): JsonObject | null {
  try {
    const body: unknown = JSON.parse(text);
    return isJsonObject(body) ? body : null;
  } catch {
    return null;
  }
}

function textOf(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}
