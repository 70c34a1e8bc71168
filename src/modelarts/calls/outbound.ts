import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import { HttpsProxyAgent } from "hpagent";
import { getProxyForUrl } from "proxy-from-env";

/** Less than the minute after which load balancers close idle connections. A server's own hint has precedence. */
const KEEP_ALIVE_MS = 30_000;

/** The URL of a proxy is invalid. The message omits the URL, which may contain a password. */
class BadProxyUrl extends Error {
  readonly code = "ERR_PROXY_URL";

  constructor(variable: string, problem: string) {
    super(`${variable}: the value ${problem}; allowed: http://host:port or https://host:port`);
  }
}

/** The route of requests to one server: direct or through a proxy. */
export type Outbound = {
  readonly isProxied: boolean;
  /** Makes an agent with sockets of its own. */
  readonly agent: (options: { readonly keepAlive: boolean; readonly connections: number }) => Agent;
  /** The server that the sockets lead to: the endpoint, or for plain HTTP its proxy. */
  readonly target: URL;
  /** The request's path as it is sent. A proxy for plain HTTP gets the whole URL. */
  readonly pathOf: (path: string) => string;
  /** Headers that are added to each request. */
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Reads the proxy for an endpoint from the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, in upper or lower
 * case). HTTPS uses a tunnel; a request over plain HTTP is sent to the proxy itself.
 * @throws BadProxyUrl
 */
export function createOutbound(endpoint: URL, proxy: URL | null = proxyOf(endpoint)): Outbound {
  const isTls = endpoint.protocol === "https:";
  const optionsOf = ({ keepAlive, connections }: { keepAlive: boolean; connections: number }) => ({
    keepAlive,
    maxSockets: connections,
    ...(keepAlive ? { timeout: KEEP_ALIVE_MS } : {}),
  });
  if (proxy !== null && isTls) {
    return {
      isProxied: true,
      agent: (wanted) => new HttpsProxyAgent({ ...optionsOf(wanted), proxy }),
      target: endpoint,
      pathOf: (path) => path,
      headers: {},
    };
  }
  const target = proxy ?? endpoint;
  const AgentOf = target.protocol === "https:" ? TlsAgent : Agent;
  return {
    isProxied: proxy !== null,
    agent: (wanted) => new AgentOf(optionsOf(wanted)),
    target,
    pathOf: (path) => (proxy === null ? path : `${endpoint.origin}${path}`),
    headers: proxy === null ? {} : { host: endpoint.host, ...authorization(proxy) },
  };
}

function proxyOf(endpoint: URL): URL | null {
  const found = getProxyForUrl(endpoint.href);
  if (found === "") return null;
  const name = `${endpoint.protocol.replace(":", "")}_proxy`;
  const written = process.env[name] ?? process.env[name.toUpperCase()] ?? found;
  // A proxy URL without a scheme means plain HTTP, also for HTTPS_PROXY.
  const url = written === "" || written.includes("://") ? found : `http://${written}`;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new BadProxyUrl(name.toUpperCase(), "is not an http or https URL");
  }
  const { username, password } = new URL(url);
  if (!isDecodable(username + password)) {
    throw new BadProxyUrl(name.toUpperCase(), "has a user or password with a % that is not written as %25");
  }
  return new URL(url);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(text).toString("base64")}` };
}
