const MASK = "[redacted]";

/** No more of a body than this is looked at. */
const SCAN_MAX = 16_384;

/** So much of a token gives it away; the upstream may quote it cut short. */
const TOKEN_PREFIX = 16;

/** Cuts what no client may see out of the upstream's text, and the text itself to a length in UTF-16 units. */
export type Redact = (text: string, token: string | null, maxLength: number) => string;

/**
 * Makes a {@link Redact}. Out go the call's own token (whole or its beginning), the endpoint's host, and whatever
 * looks like a URL, a domain name, an IPv4 address or a long secret: a proxy's error page names its own hosts.
 */
export function createRedact(endpoint: URL): Redact {
  const hosts = [endpoint.host, endpoint.hostname].filter((host) => host !== "").map(literally);
  const general = new RegExp(
    [
      String.raw`\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>]+`,
      ...hosts.map((host) => String.raw`(?<![\w.-])${host}(?![\w-])`),
      String.raw`(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?![\w-])`,
      String.raw`(?<![\w.-])(?:[a-z0-9_-]{1,63}\.){2,20}[a-z]{2,24}(?::\d{1,5})?(?![\w-])`,
      String.raw`[A-Za-z0-9+/=_]{40,}`,
    ].join("|"),
    "gi",
  );
  return (text, token, maxLength) => {
    let shown = text.slice(0, SCAN_MAX);
    if (token !== null && token !== "") {
      shown = shown.replace(new RegExp(`${literally(token.slice(0, TOKEN_PREFIX))}[^\\s"'<>]*`, "g"), MASK);
    }
    shown = shown.replace(general, MASK);
    return shown.length <= maxLength ? shown : `${shown.slice(0, maxLength - 1)}…`;
  };
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
}
