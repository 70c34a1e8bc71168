import { checkServerIdentity, type ConnectionOptions, type PeerCertificate } from "node:tls";
import { Cluster, Redis } from "ioredis";
import { type RedisAddress, type RedisTarget } from "./redis-url.js";

/** A connection to one Redis (directly or through Sentinels), or to a Redis Cluster. */
export type RedisClient = Redis | Cluster;

/** The time without any answer after which a connection counts as lost, in milliseconds. */
const SOCKET_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 1_000;
const RECONNECT_MAX_MS = 1_000;

/** Jitter keeps the processes of a fleet from reconnecting at the same moment. */
const reconnectDelayMs = (times: number): number =>
  Math.min(RECONNECT_MAX_MS, 50 * 2 ** Math.min(times, 10)) * (0.5 + Math.random() / 2);

/**
 * Options of every connection. It speaks RESP2 and sends neither HELLO nor CLIENT SETINFO: proxies refuse these, some
 * by closing the connection, and nothing here needs them.
 */
const common = {
  lazyConnect: true,
  protocol: 2,
  disableClientInfo: true,
  connectTimeout: CONNECT_TIMEOUT_MS,
  socketTimeout: SOCKET_TIMEOUT_MS,
  // A command that was lost with its connection is a cache miss. No caller waits for it after a reconnect.
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
} as const;

const single = {
  ...common,
  enableOfflineQueue: false,
  retryStrategy: reconnectDelayMs,
  // A client of a demoted primary finds the new one by reconnecting.
  reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
};

/** Makes a client, not connected yet. It reports faults by events and by failed commands; it never throws. */
export function createRedisClient(target: RedisTarget): RedisClient {
  const client = newClient(target);
  // Without a listener an `error` event would end the process.
  client.on("error", () => undefined);
  return client;
}

function newClient(target: RedisTarget): RedisClient {
  const [first] = target.addresses;
  const access = accessOf(target);
  switch (target.kind) {
    case "single":
      // RedisConnection makes the check, because proxies refuse the INFO of ioredis' own check.
      return new Redis({ ...single, ...access, ...first, db: target.database, enableReadyCheck: false });
    case "sentinel":
      return new Redis({
        ...single,
        ...access,
        ...sentinelOptions(target),
        db: target.database,
        sentinelRetryStrategy: reconnectDelayMs,
        failoverDetector: true,
      });
    case "cluster":
      return new Cluster([...target.addresses], {
        lazyConnect: true,
        enableOfflineQueue: false,
        clusterRetryStrategy: reconnectDelayMs,
        maxRedirections: 3,
        slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
        slotsRefreshInterval: 5_000,
        // Certificates name hosts, so each connection looks up its host name itself.
        dnsLookup: (address, done) => {
          done(null, address);
        },
        redisOptions: { ...common, ...access },
      });
  }
}

/** Makes a short connection to the first server, without retries, to find out its kind or the cause of a fault. */
export function createDiagnosticClient(target: RedisTarget): Redis {
  const { kind, sentinelUsername: username, sentinelPassword: password } = target;
  const access = accessOf(kind === "sentinel" ? { ...target, username, password } : target);
  const [first] = target.addresses;
  return new Redis({ ...common, ...access, ...first, enableReadyCheck: false, retryStrategy: () => null });
}

/**
 * One connection for pub/sub, without a retry.
 * @param node any node of a cluster, because each node gets all messages; null without a cluster
 */
export function createSubscriber(target: RedisTarget, node: RedisAddress | null): Redis {
  const once = { ...common, ...accessOf(target), enableReadyCheck: false, retryStrategy: () => null };
  if (target.kind !== "sentinel") return new Redis({ ...once, ...(node ?? target.addresses[0]) });
  return new Redis({ ...once, ...sentinelOptions(target), sentinelRetryStrategy: () => null });
}

function accessOf(target: RedisTarget) {
  const { username, password, tls } = target;
  return {
    ...(tls ? { tls: tlsOptions(target.addresses) } : {}),
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
  };
}

/** Sentinels have their own users, so the user of the Redis is not sent to them. */
function sentinelOptions({ tls, sentinelUsername, sentinelPassword, addresses, masterName }: RedisTarget) {
  return {
    sentinels: [...addresses],
    name: masterName ?? "",
    sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
    ...(tls ? { sentinelTLS: tlsOptions(addresses), enableTLSForSentinelMode: true } : {}),
    ...(sentinelUsername === null ? {} : { sentinelUsername }),
    ...(sentinelPassword === null ? {} : { sentinelPassword }),
  };
}

/**
 * Clusters and Sentinels may announce addresses that no certificate names. A certificate of a trusted CA is then
 * accepted if it names one of the hosts of REDIS_URL.
 */
function tlsOptions(addresses: readonly RedisAddress[]): ConnectionOptions {
  return {
    checkServerIdentity: (host: string, certificate: PeerCertificate): Error | undefined => {
      const fault = checkServerIdentity(host, certificate);
      if (fault === undefined) return undefined;
      const namesSeed = addresses.some((seed) => checkServerIdentity(seed.host, certificate) === undefined);
      return namesSeed ? undefined : fault;
    },
  };
}
