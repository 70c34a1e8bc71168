/** The address of one server. */
export type RedisAddress = { readonly host: string; readonly port: number };

/** The parsed REDIS_URL. `addresses` are those of the Redis itself, of the seeds of a cluster, or of Sentinels. */
export type RedisTarget = {
  readonly kind: "single" | "cluster" | "sentinel";
  readonly addresses: readonly [RedisAddress, ...RedisAddress[]];
  /** The name under which Sentinels know the primary; null without Sentinels. */
  readonly masterName: string | null;
  readonly database: number;
  readonly tls: boolean;
  readonly username: string | null;
  readonly password: string | null;
  /** The credentials of the Sentinels. Their password is that of the Redis, unless they have one of their own. */
  readonly sentinelUsername: string | null;
  readonly sentinelPassword: string | null;
};

const SENTINEL_URL = /^rediss?\+sentinel:\/\//;
/** As ioredis names them. */
const SENTINEL_OPTIONS = ["sentinelUsername", "sentinelPassword"];
const SENTINEL_PORT = 26_379;
const REDIS_PORT = 6_379;

/** Splits the value of REDIS_URL into URLs. A Sentinel URL is not split, because it contains commas. */
export function splitRedisUrls(text: string): readonly string[] {
  return SENTINEL_URL.test(text) ? [text] : text.split(",").map((part) => part.trim());
}

/**
 * Finds the mistake in the URLs of one Redis.
 * @returns the problem, as the rest of a sentence that begins with the variable's name; null if there is none
 */
export function redisUrlProblem(urls: readonly string[]): string | null {
  const parts = partsOf(urls);
  if (parts.length === 0 || !parts.every((part) => URL.canParse(part)))
    return "holds something that is not a URL";
  const parsed = parts.map((part) => new URL(part));
  if (!parsed.every(({ protocol, hostname }) => /^rediss?:$/.test(protocol) && hostname !== "")) {
    return "holds something that is not a redis:// or rediss:// URL with a host";
  }
  if (!parsed.every(({ username, password }) => isDecodable(username) && isDecodable(password))) {
    return "has a user or password with a % that is not written as %25";
  }
  if (!parsed.every(({ pathname }) => /^\/?\d*$/.test(pathname)))
    return "has a database that is not a number";
  if (new Set(parsed.map(({ protocol }) => protocol)).size > 1) return "mixes redis:// and rediss://";
  if (isSentinel(urls)) {
    return sentinelProblem(urls[0] ?? "");
  }
  return parsed.length > 1 && parsed.some(({ pathname }) => !/^\/?0?$/.test(pathname))
    ? "names a database, which a Redis Cluster does not have"
    : null;
}

/** @param urls URLs for which {@link redisUrlProblem} returns null */
export function redisTarget(urls: readonly string[]): RedisTarget {
  const sentinel = isSentinel(urls) ? sentinelPath(urls[0] ?? "") : null;
  const options = new Map(sentinel?.options);
  const [first, ...others] = partsOf(urls).map((part) => new URL(part));
  if (first === undefined) throw new Error("A Redis without an address.");
  const addressOf = ({ hostname, port }: URL): RedisAddress => ({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (sentinel === null ? REDIS_PORT : SENTINEL_PORT) : Number(port),
  });
  return {
    kind: sentinel !== null ? "sentinel" : others.length > 0 ? "cluster" : "single",
    addresses: [addressOf(first), ...others.map(addressOf)],
    masterName: sentinel?.name ?? null,
    database: sentinel?.database ?? Number(first.pathname.slice(1)),
    tls: first.protocol === "rediss:",
    username: first.username === "" ? null : decodeURIComponent(first.username),
    password: passwordOf(first),
    sentinelUsername: options.get("sentinelUsername") || null,
    sentinelPassword:
      sentinel === null ? null : (options.get("sentinelPassword") ?? passwordOf(first)) || null,
  };
}

const isSentinel = (urls: readonly string[]): boolean =>
  urls.length === 1 && SENTINEL_URL.test(urls[0] ?? "");

/** Makes one ordinary URL for each host, because the URL class does not accept several hosts. */
function partsOf(urls: readonly string[]): readonly string[] {
  if (!isSentinel(urls)) return urls;
  const [url = ""] = urls;
  const [scheme = "", rest = ""] = url.replace("+sentinel", "").split("://", 2);
  const authority = rest.split("/", 1)[0] ?? "";
  const at = authority.lastIndexOf("@") + 1;
  const hosts = authority.slice(at).split(",");
  return hosts.map((host) => `${scheme}://${authority.slice(0, at)}${host.trim()}`);
}

type SentinelPath = {
  readonly name: string;
  readonly database: number;
  readonly options: readonly (readonly [name: string, value: string])[];
};

/** @throws URIError for an option with a % that is not written as %25 */
function sentinelPath(url: string): SentinelPath | null {
  const found = /^[^/]+:\/\/[^/]+\/([A-Za-z0-9._-]+)(?:\/(\d+))?(?:\?(.+))?$/.exec(url);
  if (found === null) return null;
  const [, name = "", database = "0", query = ""] = found;
  // Without URLSearchParams, which reads a + as a space. In the password before the host, a + is a +.
  const options = query.split("&").map((pair) => {
    const [, option = pair, value = ""] = /^([^=]*)=(.*)$/.exec(pair) ?? [];
    return [option, decodeURIComponent(value)] as const;
  });
  return { name, database: Number(database), options: query === "" ? [] : options };
}

function sentinelProblem(url: string): string | null {
  const query = url.split("?", 2)[1] ?? "";
  if (!isDecodable(query)) return "has a user or password with a % that is not written as %25";
  const path = sentinelPath(url);
  if (path === null) return "does not end with /master-name, or /master-name/database";
  return path.options.every(([option]) => SENTINEL_OPTIONS.includes(option))
    ? null
    : "has an option other than sentinelUsername and sentinelPassword";
}

function passwordOf({ password }: URL): string | null {
  return password === "" ? null : decodeURIComponent(password);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
