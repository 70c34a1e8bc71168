const MASK = "[redacted]";

/** No more of a body than this is looked at. */
const SCAN_MAX = 16_384;

/** So much of a token gives it away; the upstream may quote it cut short. */
const TOKEN_PREFIX = 8;

/** Everything that ends a line somewhere. */
const LINE_BREAK = /[\r\n\v\f\u0085\u2028\u2029]/;

const LABEL = "[a-z0-9_-]{1,63}";
const PORT = String.raw`(?::\d{1,5})?`;
const GROUP = "[0-9a-f]{1,4}";
/** Eight groups, or fewer around `::`; what has one colon between all groups may be a time of day. */
const IPV6 = `(?:${GROUP}(?::${GROUP}){7}|(?:${GROUP}(?::${GROUP}){0,6})?::(?:${GROUP}(?::${GROUP}){0,6})?)`;
/** Not in the middle of a name or number. */
const START = String.raw`(?<![\w.-])`;

/** What gives away how the upstream is built, most telling first: the first that fits at a place wins. */
const INNARDS = [
  // URLs, and the files that stack traces name
  String.raw`\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>]+`,
  String.raw`(?<![\w\\])(?:[a-z]:\\|\\\\)[^\s"'<>|]+`,
  String.raw`(?<![\w./~<-])(?:~|\.{1,2})?\/[\w.@+-]+(?:\/[\w.@+-]*)*`,
  // the traces themselves
  String.raw`\bTraceback(?: \(most recent call last\))?`,
  String.raw`\bat [\w.$<>\/-]{1,200}\([^()]{0,200}\)`,
  String.raw`\((?:Unknown Source|Native Method|[\w$-]{1,100}\.[a-z]{1,6}:\d{1,6})\)`,
  String.raw`\bline \d{1,7}\b`,
  // addresses, with the name that Java puts before one
  String.raw`${START}(?:[\w.-]{1,253}\/)?(?:\d{1,3}\.){3}\d{1,3}${PORT}(?![\w-])`,
  String.raw`(?<![\w:.])\[?${IPV6}(?:\.\d{1,3}){0,3}(?:%\w{1,16})?(?:\]${PORT})?(?![\w:])`,
  // names: with a port (a date before a time of day is none), `localhost`, of three labels and more
  String.raw`${START}(?!\d{4}-\d\d-\d\d)(?=[\d_-]*[a-z])[\w.-]{1,253}:\d{2,5}(?![\w:])`,
  String.raw`${START}localhost(?![\w-])`,
  String.raw`${START}(?:${LABEL}\.){2,20}[a-z]{2,24}${PORT}(?![\w-])`,
  String.raw`[a-z0-9+/=_]{40,}`,
];

/** A name of two labels, such as `db.internal`; not the end of one sentence and the beginning of the next. */
const TWO_LABELS = new RegExp(
  String.raw`${START}(?=[\w-]*[a-zA-Z])[\w-]{1,63}\.(?:[a-z]{2,24}|[A-Z]{2,24})(?![\w-]|\.\w)`,
  "g",
);

/** Cuts what no client may see out of the upstream's text, and the text itself to a length in UTF-16 units. */
export type Redact = (text: string, token: string | null, maxLength: number) => string;

/**
 * Makes a {@link Redact}. Out go the call's own token (whole or its beginning), the endpoint's host, and whatever
 * looks like a URL, a host, an address, a file, a place in a program or a long secret; and all after the first line,
 * since stack traces have many. In doubt a word is masked: a sentence with a gap can still be understood.
 */
export function createRedact(endpoint: URL): Redact {
  const hosts = [endpoint.host, endpoint.hostname].filter((host) => host !== "").map(literally);
  const general = new RegExp(
    [...hosts.map((host) => String.raw`${START}${host}(?![\w-])`), ...INNARDS].join("|"),
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
