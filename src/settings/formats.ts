import { isIP } from "node:net";
import { type Manifest, readManifest } from "../graphql/trusted/manifest.js";
import { readTextFile } from "./text-file.js";
import { redisUrlProblem, splitRedisUrls } from "../cache/redis/redis-url.js";

/** The value of a text, or its problem, as the rest of a sentence that begins with the text. */
export type Reading<Value> = { readonly value: Value } | { readonly problem: string };

/**
 * The format of one kind of value: its reader, and a description of the allowed values. Error messages never repeat
 * `secret` values. URLs are secret, because they may contain a password.
 */
export type Format<Value> = {
  readonly read: (text: string) => Reading<Value>;
  readonly allowed: string;
  readonly secret: boolean;
};

/** Makes a reader that trims the text and checks it. */
function sound<Value>(
  problemOf: (text: string) => string | null,
  valueOf: (text: string) => Value,
): Format<Value>["read"] {
  return (text) => {
    const problem = problemOf(text.trim());
    return problem === null ? { value: valueOf(text.trim()) } : { problem };
  };
}

const asItIs = (text: string): string => text;

/** A whole number in decimal digits, from `min` to `max`. */
export function wholeNumber(min: number, max: number): Format<number> {
  const problemOf = (text: string): string | null => {
    if (!/^-?\d+$/.test(text)) return "is not a whole number";
    if (Number(text) < min) return "is too small";
    return Number(text) > max ? "is too large" : null;
  };
  return { read: sound(problemOf, Number), allowed: `a whole number from ${min} to ${max}`, secret: false };
}

/** One of a few words, in any case. */
export function oneOf<const Word extends string>(...words: readonly [Word, ...Word[]]): Format<Word> {
  return {
    read: (text) => {
      const value = words.find((word) => word === text.trim().toLowerCase());
      return value === undefined ? { problem: "is not one of the allowed words" } : { value };
    },
    allowed: words.join(", "),
    secret: false,
  };
}

const onOffWord = oneOf("on", "off", "true", "false");

/** `on`, `off`, `true`, `false`, in any case. */
export const onOff: Format<boolean> = {
  ...onOffWord,
  read: (text) => {
    const word = onOffWord.read(text);
    return "problem" in word ? word : { value: word.value === "on" || word.value === "true" };
  },
};

/** Text that matches a pattern. */
export function matching(pattern: RegExp, allowed: string): Format<string> {
  const problemOf = (text: string) => (pattern.test(text) ? null : "has a form that is not allowed");
  return { read: sound(problemOf, asItIs), allowed, secret: false };
}

/** Several values of one format, comma-separated. */
export function listOf<Value>({ read, allowed, secret }: Format<Value>): Format<readonly Value[]> {
  return {
    read: (text) => {
      const readings = listed(text).map(read);
      const problem = readings.find((reading) => "problem" in reading);
      return problem ?? { value: readings.flatMap((reading) => ("value" in reading ? [reading.value] : [])) };
    },
    allowed: `comma-separated, each ${allowed}`,
    secret,
  };
}

/** Text, not trimmed and never shown. A control character is a mistake, such as the last line break of a file. */
export const secretText: Format<string> = {
  read: (text) =>
    /\p{Cc}/u.test(text) ? { problem: "holds a line break or another control character" } : { value: text },
  allowed: "text without line breaks and other control characters",
  secret: true,
};

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i;

/** The address that a server can listen on. */
export const hostToBind: Format<string> = {
  read: sound(
    (text) => (isIP(text) !== 0 || HOST_NAME.test(text) ? null : "is neither an IP address nor a host name"),
    asItIs,
  ),
  allowed: "an IP address or a host name, without a scheme or a port",
  secret: false,
};

/** An http or https URL to which paths are added. A slash at its end is removed. */
export const baseUrl: Format<string> = {
  read: sound(baseUrlProblem, (text) => new URL(text).href.replace(/\/+$/, "")),
  allowed: "an http or https URL without user, password, query or fragment",
  secret: true,
};

/** An http or https URL that is used unchanged. */
export const wholeUrl: Format<string> = {
  read: sound(urlProblem, (text) => new URL(text).href),
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

const listed = (text: string): string[] => text.split(",").map((part) => part.trim());

/** Comma-separated origins, as browsers write them in `Origin`. */
export const origins: Format<readonly string[]> = {
  read: sound(
    (text) => (listed(text).every(isOrigin) ? null : "holds something that is not an origin"),
    (text) => listed(text).map(normalOrigin),
  ),
  allowed:
    "comma-separated origins such as https://studio.apollographql.com, https://*.example.com or capacitor://localhost, without a path",
  secret: true,
};

/** Schemes that browsers never send in `Origin`. */
const NEVER_SENT = /^(ws|wss|file|data|blob|about|javascript):/i;
/** A scheme that URLs do not normalize, such as that of an app or of a browser extension. */
const OTHER_SCHEME = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*,]+$/i;

/** Whether a browser can send this as `Origin`, its wildcard replaced by a label. */
function isOrigin(text: string): boolean {
  if (NEVER_SENT.test(text)) return false;
  const wildcard = /^(https?:\/\/)\*\.([^*]+)$/i.exec(text);
  const written = wildcard === null ? text : `${wildcard[1] ?? ""}label.${wildcard[2] ?? ""}`;
  if (!/^https?:/i.test(written)) return OTHER_SCHEME.test(written);
  if (!URL.canParse(written) || written.includes("*")) return false;
  const url = new URL(written);
  const isBare = url.pathname === "/" && !/[/?#]$/.test(written) && url.search === "" && url.hash === "";
  return isBare && url.username === "" && url.password === "";
}

/** The origin as browsers write it. */
function normalOrigin(text: string): string {
  if (!/^https?:/i.test(text)) return text.replace(/^[^:]+/, (scheme) => scheme.toLowerCase());
  return new URL(text.replace("*.", "label.")).origin.replace(
    "//label.",
    text.includes("*") ? "//*." : "//label.",
  );
}

/** The path of a manifest of trusted documents, which is read at once. */
export const manifestFile: Format<Manifest> = {
  read: (text) => {
    const file = readTextFile(text.trim());
    if ("problem" in file) return file;
    const manifest = readManifest(file.value);
    return "problem" in manifest ? { problem: `names a file that ${manifest.problem}` } : { value: manifest };
  },
  allowed: "the path of a manifest of Apollo, of Relay, or of the client preset of GraphQL Code Generator",
  secret: false,
};

/** The URL of one Redis, or of its Sentinels, or those of the seeds of a Redis Cluster. */
export const redisUrls: Format<readonly string[]> = {
  read: sound((text) => redisUrlProblem(splitRedisUrls(text)), splitRedisUrls),
  allowed:
    "redis://… or rediss://…, several of one scheme, comma-separated, for a Redis Cluster; redis+sentinel://host:port,host:port/master-name or rediss+sentinel://…",
  secret: true,
};
