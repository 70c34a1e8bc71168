import { createHash } from "node:crypto";

declare const tenantBrand: unique symbol;
declare const keyBrand: unique symbol;

/** Whose pages these are. Made by {@link tenantOf} alone, so that a key without one does not compile. */
export type Tenant = string & { readonly [tenantBrand]: true };

/** A key of the cache. Made by {@link cacheKey} alone. */
export type CacheKey = string & { readonly [keyBrand]: true };

/** The version of what is stored under a key; a new format takes a new number. */
const FORMAT = 2;

/** One log of one tenant, as far as its pages may differ. `filter` and `language` are any canonical text. */
export type LogScope = {
  readonly tenant: Tenant;
  readonly projectId: string;
  readonly jobId: string;
  readonly filter: string;
  readonly language: string;
};

/**
 * The tenant of credentials: who holds the same secret sees the same pages.
 * @param secret the credentials themselves, of which only a hash goes on; null where there are none
 */
export function tenantOf(secret: string | null): Tenant {
  return (secret === null ? "public" : digest(`tenant:${secret}`)) as Tenant;
}

/** What all keys of one log begin with. The braces keep a log in one slot of a Redis Cluster. */
export function logPrefix(scope: LogScope): string {
  const { tenant, projectId, jobId, filter, language } = scope;
  return `mae:${FORMAT}:{${tenant}:${projectId}:${jobId}:${digest(filter)}:${language}}`;
}

/** The key of one part of a log. */
export function cacheKey(prefix: string, part: string): CacheKey {
  return `${prefix}:${part}` as CacheKey;
}

/** The part of a key in braces: a Redis Cluster keeps all keys with the same one in one slot. */
export function tagOf(key: CacheKey): string {
  return key.slice(key.indexOf("{") + 1, key.indexOf("}"));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
