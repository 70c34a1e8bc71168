import { Cluster, Redis } from "ioredis";

/** A connection to one Redis, or to a Redis Cluster. */
export type RedisClient = Redis | Cluster;

/** After this long without any answer a connection counts as lost, in milliseconds. */
const SOCKET_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 1_000;
const RECONNECT_MAX_MS = 1_000;

/** Jitter keeps the processes of a fleet from coming back in one moment. */
const reconnectDelayMs = (times: number): number =>
  Math.min(RECONNECT_MAX_MS, 50 * 2 ** Math.min(times, 10)) * (0.5 + Math.random() / 2);

const options = {
  lazyConnect: true,
  enableOfflineQueue: false,
  connectTimeout: CONNECT_TIMEOUT_MS,
  socketTimeout: SOCKET_TIMEOUT_MS,
  // What was lost with a connection is a miss; nobody waits for it any more when the next one stands.
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  // Clients that were left behind on a demoted primary find the new one by connecting anew.
  reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
};

/**
 * A client that is not connected yet and never throws of itself: its faults come with the commands.
 * @param urls `redis://` or `rediss://`; several are the seeds of a Redis Cluster
 */
export function createRedisClient(urls: readonly string[]): RedisClient {
  const [first = "", ...others] = urls;
  const client =
    others.length === 0
      ? new Redis(first, { ...options, retryStrategy: reconnectDelayMs })
      : new Cluster(urls.map(nodeOf), {
          lazyConnect: true,
          enableOfflineQueue: false,
          clusterRetryStrategy: reconnectDelayMs,
          clusterNodeRetryStrategy: reconnectDelayMs,
          maxRedirections: 3,
          slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
          slotsRefreshInterval: 5_000,
          // Certificates name hosts, so names are left to the connections to look up.
          dnsLookup: (address, done) => {
            done(null, address);
          },
          redisOptions: { ...clusterNodeOptions(new URL(first)) },
        });
  // Without a listener an `error` event would end the process; the commands tell the same.
  client.on("error", () => undefined);
  return client;
}

function nodeOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? 6379 : Number(port) };
}

function clusterNodeOptions({ protocol, username, password }: URL) {
  const { connectTimeout, socketTimeout, autoResendUnfulfilledCommands, maxRetriesPerRequest } = options;
  return {
    connectTimeout,
    socketTimeout,
    autoResendUnfulfilledCommands,
    maxRetriesPerRequest,
    ...(protocol === "rediss:" ? { tls: {} } : {}),
    ...(username === "" ? {} : { username: decodeURIComponent(username) }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
  };
}
