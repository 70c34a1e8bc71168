import { isIP } from "node:net";
import { z } from "zod";

/**
 * How one kind of value is written: its reader, and the words that say what is allowed. `secret` values, and
 * URLs, which may hold a password, are never repeated in a complaint.
 */
export type Format<Value> = {
  readonly schema: z.ZodType<Value, string>;
  readonly allowed: string;
  readonly secret: boolean;
};

const trimmed = z.string().trim();

/** A whole number in decimal digits, bounds included. */
export function wholeNumber(min: number, max: number): Format<number> {
  const digits = trimmed.regex(/^-?\d+$/, { error: "is not a whole number", abort: true });
  const inRange = z.number().min(min, "is too small").max(max, "is too large");
  return {
    schema: digits.transform(Number).pipe(inRange),
    allowed: `a whole number from ${min} to ${max}`,
    secret: false,
  };
}

/** One of a few words, in any case. */
export function oneOf<const Word extends string>(...words: readonly [Word, ...Word[]]): Format<Word> {
  return {
    schema: trimmed.toLowerCase().pipe(z.enum(words, "is not one of the allowed words")),
    allowed: words.join(", "),
    secret: false,
  };
}

/** `on`, `off`, `true`, `false`, in any case. */
export const onOff: Format<boolean> = {
  schema: oneOf("on", "off", "true", "false").schema.transform((word) => word === "on" || word === "true"),
  allowed: "on, off, true, false",
  secret: false,
};

/** Text that matches a pattern. */
export function matching(pattern: RegExp, allowed: string): Format<string> {
  return { schema: trimmed.regex(pattern, "has a form that is not allowed"), allowed, secret: false };
}

/** Any text, as it stands; never shown. */
export const secretText: Format<string> = { schema: z.string(), allowed: "any text", secret: true };

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i;

/** What a socket can be bound to. */
export const hostToBind: Format<string> = {
  schema: trimmed.refine(
    (text) => isIP(text) !== 0 || HOST_NAME.test(text),
    "is neither an IP address nor a host name",
  ),
  allowed: "an IP address or a host name, without a scheme or a port",
  secret: false,
};

/** An http or https URL to which paths are added; comes out without the slash at its end. */
export const baseUrl: Format<string> = {
  schema: trimmed.transform((text, context) => {
    const problem = baseUrlProblem(text);
    if (problem === null) return new URL(text).href.replace(/\/+$/, "");
    context.addIssue(problem);
    return z.NEVER;
  }),
  allowed: "an http or https URL without user, password, query or fragment",
  secret: true,
};

/** An http or https URL that is asked as it stands. */
export const wholeUrl: Format<string> = {
  schema: trimmed.transform((text, context) => {
    const problem = urlProblem(text);
    if (problem === null) return new URL(text).href;
    context.addIssue(problem);
    return z.NEVER;
  }),
  allowed: "an http or https URL without user, password or fragment",
  secret: true,
};

function baseUrlProblem(text: string): string | null {
  return urlProblem(text) ?? (new URL(text).search === "" ? null : "has a query");
}

function urlProblem(text: string): string | null {
  if (!URL.canParse(text)) return "is not a URL";
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return "is not an http or https URL";
  if (url.username !== "" || url.password !== "") return "has a user or a password in it";
  return url.hash === "" ? null : "has a fragment";
}

/** Comma-separated origins, as browsers write them in `Origin`. */
export const origins: Format<readonly string[]> = {
  schema: trimmed.transform((text, context) => {
    const found = text.split(",").map((part) => part.trim());
    if (found.every(isOrigin)) return found.map((part) => new URL(part).origin);
    context.addIssue("holds something that is not an origin");
    return z.NEVER;
  }),
  allowed: "comma-separated origins such as https://studio.apollographql.com, without a path",
  secret: true,
};

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const bare = url.pathname === "/" && !/[/?#]$/.test(text) && url.search === "" && url.hash === "";
  return /^https?:$/.test(url.protocol) && bare && url.username === "" && url.password === "";
}

/** One Redis URL, or several, which are the seeds of one Redis Cluster. */
export const redisUrls: Format<readonly string[]> = {
  schema: trimmed.transform((text, context) => {
    const found = text.split(",").map((part) => part.trim());
    const problem = redisProblem(found);
    if (problem === null) return found;
    context.addIssue(problem);
    return z.NEVER;
  }),
  allowed: "redis://… or rediss://…; several, comma-separated and of one scheme, are a Redis Cluster",
  secret: true,
};

function redisProblem(texts: readonly string[]): string | null {
  if (!texts.every((text) => URL.canParse(text))) return "holds something that is not a URL";
  const urls = texts.map((text) => new URL(text));
  if (!urls.every((url) => /^rediss?:$/.test(url.protocol) && url.hostname !== "")) {
    return "holds something that is not a redis:// or rediss:// URL with a host";
  }
  if (!urls.every((url) => /^\/?\d*$/.test(url.pathname))) return "has a database that is not a number";
  if (new Set(urls.map((url) => url.protocol)).size > 1) return "mixes redis:// and rediss://";
  const cluster = urls.length > 1;
  return cluster && urls.some((url) => !/^\/?0?$/.test(url.pathname))
    ? "names a database, which a Redis Cluster does not have"
    : null;
}
