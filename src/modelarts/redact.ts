const MASK = "[redacted]";

/** The longest part of a body that is scanned, in UTF-16 units. */
const SCAN_MAX = 16_384;

/** The length of a token's beginning that is masked, because the upstream may quote only a part of it. */
const TOKEN_PREFIX = 8;

/** All characters that end a line. */
const LINE_BREAK = /[\r\n\v\f\u0085\u2028\u2029]/;

const LABEL = "[a-z0-9_-]{1,63}";
const PORT = String.raw`(?::\d{1,5})?`;
const GROUP = "[0-9a-f]{1,4}";
/** Eight groups, or fewer around `::`. Fewer groups without `::` may be a time of day. */
const IPV6 = `(?:${GROUP}(?::${GROUP}){7}|(?:${GROUP}(?::${GROUP}){0,6})?::(?:${GROUP}(?::${GROUP}){0,6})?)`;
/** Does not match in the middle of a name or number. */
const START = String.raw`(?<![\w.-])`;

/** Patterns of internal details of the upstream. At each position the first pattern that matches is used. */
const INTERNALS = [
  // URLs, and the files that stack traces name
  String.raw`\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>]+`,
  String.raw`(?<![\w\\])(?:[a-z]:\\|\\\\)[^\s"'<>|]+`,
  String.raw`(?<![\w./~<-])(?:~|\.{1,2})?\/[\w.@+-]+(?:\/[\w.@+-]*)*`,
  // lines of stack traces
  String.raw`\bTraceback(?: \(most recent call last\))?`,
  String.raw`\bat [\w.$<>\/-]{1,200}\([^()]{0,200}\)`,
  String.raw`\((?:Unknown Source|Native Method|[\w$-]{1,100}\.[a-z]{1,6}:\d{1,6})\)`,
  String.raw`\bline \d{1,7}\b`,
  // IP addresses, with the host name that Java writes before them
  String.raw`${START}(?:[\w.-]{1,253}\/)?(?:\d{1,3}\.){3}\d{1,3}${PORT}(?![\w-])`,
  String.raw`(?<![\w:.])\[?${IPV6}(?:\.\d{1,3}){0,3}(?:%\w{1,16})?(?:\]${PORT})?(?![\w:])`,
  // host names: with a port (but not a date before a time of day), `localhost`, with three or more labels
  String.raw`${START}(?!\d{4}-\d\d-\d\d)(?=[\d_-]*[a-z])[\w.-]{1,253}:\d{2,5}(?![\w:])`,
  String.raw`${START}localhost(?![\w-])`,
  String.raw`${START}(?:${LABEL}\.){2,20}[a-z]{2,24}${PORT}(?![\w-])`,
  String.raw`[a-z0-9+/=_]{40,}`,
];

/** A host name of two labels, such as `db.internal`, but not the end of a sentence and the start of the next. */
const TWO_LABELS = new RegExp(
  String.raw`${START}(?=[\w-]*[a-zA-Z])[\w-]{1,63}\.(?:[a-z]{2,24}|[A-Z]{2,24})(?![\w-]|\.\w)`,
  "g",
);

/** Masks the parts of the upstream's text that clients must not see, and limits its length, in UTF-16 units. */
export type Redact = (text: string, token: string | null, maxLength: number) => string;

/**
 * Makes a {@link Redact}. It masks the call's token (whole or its beginning), the endpoint's host, and everything that
 * looks like a URL, a host, an address, a file, a position in source code or a long secret. It keeps only the first
 * line, because stack traces have many. In doubt it masks a word: a sentence with a gap can still be understood.
 */
export function createRedact(endpoint: URL): Redact {
  const hosts = [endpoint.host, endpoint.hostname].filter((host) => host !== "").map(literally);
  const general = new RegExp(
    [...hosts.map((host) => String.raw`${START}${host}(?![\w-])`), ...INTERNALS].join("|"),
    "gi",
  );
  return (text, token, maxLength) => {
    const [line = ""] = text.slice(0, SCAN_MAX).trimStart().split(LINE_BREAK, 1);
    let shown = line.trimEnd();
    if (token !== null && token !== "") {
      shown = shown.replace(new RegExp(`${literally(token.slice(0, TOKEN_PREFIX))}[^\\s"'<>]*`, "g"), MASK);
    }
    shown = shown.replace(general, MASK).replace(TWO_LABELS, MASK);
    return shown.length <= maxLength ? shown : `${shown.slice(0, maxLength - 1)}…`;
  };
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
}
