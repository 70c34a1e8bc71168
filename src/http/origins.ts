import { type IncomingHttpHeaders } from "node:http";

/**
 * The other origins whose pages may use the gateway: the listed ones, whose host can begin with `*.` for one label, and
 * all origins of this computer if `loopback` is on.
 */
export type AllowedOrigins = { readonly listed: readonly string[]; readonly loopback: boolean };

/** Whether pages of this origin (an `Origin` header) may use the gateway. */
export function isAllowedOrigin(origin: string, { listed, loopback }: AllowedOrigins): boolean {
  return listed.some((entry) => matchesEntry(origin, entry)) || (loopback && isLoopback(origin));
}

function matchesEntry(origin: string, entry: string): boolean {
  const [scheme = "", domain] = entry.split("*");
  if (domain === undefined) return origin === entry;
  if (!origin.startsWith(scheme) || !origin.endsWith(domain)) return false;
  return /^[a-z0-9_-]+$/.test(origin.slice(scheme.length, -domain.length));
}

function isLoopback(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  return /^https?:$/.test(protocol) && isLoopbackHost(hostname);
}

/** Whether the `hostname` of a URL is this computer. */
export function isLoopbackHost(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

type FromWhere = {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
};

/**
 * Whether a GET comes from a page of another site, which can make a browser send requests that the user does not want.
 * A request without `Origin` and `Sec-Fetch-Site` does not come from a browser and is accepted.
 */
export function comesFromForeignPage(
  { host, origin, secFetchSite }: FromWhere,
  allowed: AllowedOrigins,
): boolean {
  if (origin !== undefined && isAllowedOrigin(origin, allowed)) return false;
  if (secFetchSite === "cross-site") return true;
  return origin !== undefined && !isOriginOfHost(origin, host);
}

/** Uses the scheme of the origin, because a proxy may terminate TLS. A default port can be written or omitted. */
function isOriginOfHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  const own = `${url.protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === url.host;
}

/** {@link comesFromForeignPage} for the headers of a request. */
export function isFromForeignPage(headers: IncomingHttpHeaders, allowed: AllowedOrigins): boolean {
  const { host, origin, "sec-fetch-site": secFetchSite } = headers;
  return comesFromForeignPage({ host, origin, secFetchSite: secFetchSite?.toString() }, allowed);
}
