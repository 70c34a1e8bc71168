import { type IncomingHttpHeaders } from "node:http";

/** Which pages of other origins may ask: those listed, and, where `loopback` is on, any of this computer. */
export type AllowedOrigins = { readonly listed: readonly string[]; readonly loopback: boolean };

/** Whether CORS lets pages of this origin (an `Origin` header) ask. */
export function isAllowedOrigin(origin: string, allowed: AllowedOrigins): boolean {
  return allowed.listed.includes(origin) || (allowed.loopback && isLoopback(origin));
}

function isLoopback(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  return /^https?:$/.test(protocol) && isLoopbackHost(hostname);
}

/** Whether a URL's `hostname` is this computer. */
export function isLoopbackHost(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

type FromWhere = {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
};

/**
 * Whether a GET is shown to come from another site's page, which may have made the browser send it without the
 * user's will. What says nothing of where it comes from (a program, not a browser) passes.
 */
export function comesFromForeignPage(
  { host, origin, secFetchSite }: FromWhere,
  allowed: AllowedOrigins,
): boolean {
  if (origin !== undefined && isAllowedOrigin(origin, allowed)) return false;
  if (secFetchSite === "cross-site") return true;
  return origin !== undefined && !isOriginOfHost(origin, host);
}

/** The host's scheme is the origin's: a proxy may have taken TLS away. Written out or not, the default port is one. */
function isOriginOfHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  const own = `${url.protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === url.host;
}

/** The same of a request by its headers. */
export function isOfForeignPage(headers: IncomingHttpHeaders, allowed: AllowedOrigins): boolean {
  const { host, origin, "sec-fetch-site": secFetchSite } = headers;
  return comesFromForeignPage({ host, origin, secFetchSite: secFetchSite?.toString() }, allowed);
}
