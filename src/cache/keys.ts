import { createHash, createHmac } from "node:crypto";
import { LRUCache } from "lru-cache";

declare const tenantBrand: unique symbol;
declare const callerBrand: unique symbol;
declare const keyBrand: unique symbol;
declare const channelBrand: unique symbol;

/** The tenant of a key. Only {@link createTenancy} makes it, so a key without a tenant does not compile. */
type Tenant = string & { readonly [tenantBrand]: true };

/** The caller within a tenant: a keyed hash of the token. Only {@link createTenancy} makes it. */
export type Caller = string & { readonly [callerBrand]: true };

/** A key of the cache. Only {@link cacheKey} and {@link grantKey} make it. */
export type CacheKey = string & { readonly [keyBrand]: true };

/** The channel for new content of a key: a keyed hash, so that it does not show the tenant or the job. */
type NewsChannel = string & { readonly [channelBrand]: true };

/** The input of the hashes of tenants and callers. */
export type Identity = {
  /** Equal in all processes that share pages. Only who knows it can check whether a key belongs to a guessed token. */
  readonly secret: string;
  /** Identifies the upstream and the way to sign in to it. */
  readonly upstream: string;
};

/** Makes the tenant and caller parts of keys. They are different after {@link Tenancy.change}. */
export type Tenancy = {
  /**
   * All callers of the same upstream. A caller sees a shared page only after the upstream has let this caller read the
   * job.
   */
  readonly tenant: Tenant;
  /** @param token null if the gateway uses its own credentials */
  readonly callerOf: (token: string | null) => Caller;
  readonly channelOf: (key: CacheKey) => NewsChannel;
  /** Uses another identity from now on. Entries under keys of the old one are not found any more. */
  readonly change: (identity: Identity) => void;
  /** Calls back after each change. @returns a function that ends this */
  readonly onChange: (listener: () => void) => () => void;
};

/**
 * The version of the keys and of the values under them. Raise it if a key or a value gets another form or meaning, so
 * that old and new processes do not read each other's entries. If only the header before the value changes, raise the
 * version in `entry.ts` instead.
 */
const FORMAT = 6;

/** The properties that distinguish one log from another. `filter` and `language` are canonical texts. */
export type LogScope = {
  readonly tenant: Tenant;
  readonly projectId: string;
  readonly jobId: string;
  readonly filter: string;
  readonly language: string;
};

/** Separates tenants in a shared cache. */
export function createTenancy(identity: Identity): Tenancy {
  let { secret } = identity;
  const listeners = new Set<() => void>();
  const keyed = (text: string): string =>
    short(createHmac("sha256", secret).update(text).digest("base64url"));
  const tenantOf = (upstream: string): Tenant => keyed(`tenant:${upstream}`) as Tenant;
  let tenant = tenantOf(identity.upstream);
  return {
    get tenant() {
      return tenant;
    },
    callerOf: (token) => (token === null ? "gateway" : keyed(`caller:${token}`)) as Caller,
    channelOf: (key) => `mae:${FORMAT}:news:${keyed(`news:${key}`)}` as NewsChannel,
    change: (latest) => {
      secret = latest.secret;
      tenant = tenantOf(latest.upstream);
      for (const listener of [...listeners]) listener();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Hashes of the latest filters, because most requests use one of a few. */
const filterHashes = new LRUCache<string, string>({ max: 500 });

/** The common prefix of all keys of one log. The braces keep a job in one slot of a Redis Cluster. */
export function logPrefix(scope: LogScope): string {
  const hash =
    filterHashes.get(scope.filter) ?? short(createHash("sha256").update(scope.filter).digest("base64url"));
  filterHashes.set(scope.filter, hash);
  return `${jobPrefix(scope)}:${hash}:${scope.language}`;
}

/** The key of one part of a log. */
export function cacheKey(prefix: string, part: string): CacheKey {
  return `${prefix}:${part}` as CacheKey;
}

/** The key of a grant: the upstream's last answer about a caller's right to read a job. */
export function grantKey(scope: Pick<LogScope, "tenant" | "projectId" | "jobId">, caller: Caller): CacheKey {
  return `${jobPrefix(scope)}:access:${caller}` as CacheKey;
}

/** The key of a pause in calls for a job: that of one caller, or with null that of all callers. */
export function pauseKey(
  scope: Pick<LogScope, "tenant" | "projectId" | "jobId">,
  caller: Caller | null,
): CacheKey {
  return `${jobPrefix(scope)}:pause${caller === null ? "" : `:${caller}`}` as CacheKey;
}

/** The key of the budget of one caller. @param payer a hash */
export function budgetKey(tenant: Tenant, payer: string): CacheKey {
  return `mae:${FORMAT}:{${tenant}:budget:${payer}}` as CacheKey;
}

/** The part of a key in braces. A Redis Cluster keeps all keys with the same part in one slot. */
export function tagOf(key: CacheKey): string {
  return key.slice(key.indexOf("{") + 1, key.indexOf("}"));
}

function jobPrefix({ tenant, projectId, jobId }: Pick<LogScope, "tenant" | "projectId" | "jobId">): string {
  return `mae:${FORMAT}:{${tenant}:${projectId}:${jobId}}`;
}

function short(digest: string): string {
  return digest.slice(0, 22);
}

/** The key that selects the node of a Redis Cluster whose clock all processes follow. Nothing is stored under it. */
export const CLOCK_KEY = `mae:${FORMAT}:{clock}` as CacheKey;
