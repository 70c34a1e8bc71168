import { createHash, createHmac } from "node:crypto";
import { LRUCache } from "lru-cache";

declare const tenantBrand: unique symbol;
declare const callerBrand: unique symbol;
declare const keyBrand: unique symbol;

/** Whose pages these are. Made by {@link createTenancy} alone, so that a key without one does not compile. */
type Tenant = string & { readonly [tenantBrand]: true };

/** Who asks, within a tenant. Made by {@link createTenancy} alone, from a token of which nothing can be read back. */
export type Caller = string & { readonly [callerBrand]: true };

/** A key of the cache. Made by {@link cacheKey} and {@link accessKey} alone. */
export type CacheKey = string & { readonly [keyBrand]: true };

/** Who may share what. */
export type Tenancy = {
  /** All who ask the same upstream. What one of them may see, another may only once the upstream has let it. */
  readonly tenant: Tenant;
  /** @param token null where the gateway itself is who asks the upstream */
  readonly callerOf: (token: string | null) => Caller;
};

/** The version of what is stored under a key; a new format takes a new number. */
const FORMAT = 3;

/** One log of one tenant, as far as its pages may differ. `filter` and `language` are any canonical text. */
export type LogScope = {
  readonly tenant: Tenant;
  readonly projectId: string;
  readonly jobId: string;
  readonly filter: string;
  readonly language: string;
};

/**
 * Divides a cache that others may use, too.
 * @param options.secret the same in all processes that are to share pages; without it no token can be tried against
 *   the keys
 * @param options.upstream what tells one upstream, and one way to sign in to it, from another
 */
export function createTenancy({ secret, upstream }: { secret: string; upstream: string }): Tenancy {
  const keyed = (text: string): string =>
    short(createHmac("sha256", secret).update(text).digest("base64url"));
  return {
    tenant: keyed(`tenant:${upstream}`) as Tenant,
    callerOf: (token) => (token === null ? "gateway" : keyed(`caller:${token}`)) as Caller,
  };
}

/** Hashes of the filters seen last: most requests have one of a few. */
const filterHashes = new LRUCache<string, string>({ max: 500 });

/** What all keys of one log begin with. The braces keep a job in one slot of a Redis Cluster. */
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

/** The key of what the upstream said of a caller's right to read a job. */
export function accessKey(scope: Pick<LogScope, "tenant" | "projectId" | "jobId">, caller: Caller): CacheKey {
  return `${jobPrefix(scope)}:access:${caller}` as CacheKey;
}

/** The part of a key in braces: a Redis Cluster keeps all keys with the same one in one slot. */
export function tagOf(key: CacheKey): string {
  return key.slice(key.indexOf("{") + 1, key.indexOf("}"));
}

function jobPrefix({ tenant, projectId, jobId }: Pick<LogScope, "tenant" | "projectId" | "jobId">): string {
  return `mae:${FORMAT}:{${tenant}:${projectId}:${jobId}}`;
}

function short(digest: string): string {
  return digest.slice(0, 22);
}
