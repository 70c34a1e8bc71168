/** What an error's body says, in whichever of the upstream's shapes; null where it does not. */
export type ErrorBody = {
  readonly errorCode: string | null;
  readonly errorMsg: string | null;
  readonly requestId: string | null;
};

type Json = Readonly<Record<string, unknown>>;

/** The names of code and message, in the order in which they are looked for. */
const FLAT = [["error_code"], ["error_msg", "error_message"]] as const;
const CAMEL = [
  ["errorCode", "code"],
  ["errorMessage", "errorMsg", "message"],
] as const;

/**
 * Reads an error's body. ModelArts, its API gateway, IAM and their neighbours write it flat (`error_code` with
 * `error_msg` or `error_message`), nested (`error: { code, message }`, the code sometimes a number), or in camel case;
 * what is not JSON of any such shape is the message itself.
 */
export function readErrorBody(text: string): ErrorBody {
  const body = parseObject(text);
  const trimmed = text.trim();
  if (body === null) return { errorCode: null, errorMsg: trimmed === "" ? null : trimmed, requestId: null };
  const inner = Object.values(body).filter(isObject);
  const pair = read(body, FLAT) ??
    inner.map((nested) => read(nested, FLAT) ?? read(nested, CAMEL)).find((found) => found !== null) ??
    read(body, CAMEL) ?? { errorCode: null, errorMsg: trimmed };
  const requestId = [body, ...inner]
    .map((part) => textOf(part["request_id"]) ?? textOf(part["requestId"]))
    .find((id) => id !== null);
  return { ...pair, requestId: requestId ?? null };
}

function read(
  part: Json,
  [codes, messages]: readonly [readonly string[], readonly string[]],
): { errorCode: string | null; errorMsg: string | null } | null {
  const errorCode = codes.map((name) => textOf(part[name])).find((found) => found !== null) ?? null;
  const errorMsg = messages.map((name) => textOf(part[name])).find((found) => found !== null) ?? null;
  return errorCode === null && errorMsg === null ? null : { errorCode, errorMsg };
}

function parseObject(text: string): Json | null {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : null;
  } catch {
    return null;
  }
}

function textOf(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
