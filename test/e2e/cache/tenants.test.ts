import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Cache, createCache } from "../../../src/cache/create-cache.js";
import { createTenancy } from "../../../src/cache/keys.js";
import { type GatewayError } from "../../../src/errors.js";
import { type EventConnection } from "../../../src/paging/connection.js";
import { seededRandom } from "../../support/redis/chaos-store.js";
import { RedisServer } from "../../support/redis/redis.js";
import { type Ask, GuardedModelArts, TenantProcess } from "../../support/access/tenants.js";

const OPERATIONS = 10_000;
const AT_ONCE = 20;
const TOKENS = ["a", "b", "c", "d", "e"].map((name) => `MIIsecret-${name}`);
const PROJECTS = ["p1", "p2", "p3"];
const JOBS = ["j1", "j2", "j3"];
const LANGUAGES = ["en-us", "zh-cn", null] as const;
const GRANT_MS = 30_000;

let redis: RedisServer;
let caches: Cache[];
let upstream: GuardedModelArts;

beforeAll(async () => {
  redis = await RedisServer.start();
  upstream = new GuardedModelArts();
  const { channelOf } = createTenancy({ secret: "secret", upstream: "guarded" });
  const options = {
    redisUrls: [redis.url],
    memoryMaxBytes: 1_000_000,
    nowMs: () => upstream.nowMs,
    channelOf,
  };
  caches = await Promise.all([0, 1, 2].map(() => createCache(options)));
});

afterAll(async () => {
  for (const cache of caches) cache.close();
  await redis.stop();
});

test(`${OPERATIONS} operations by random tokens on random jobs in random languages never see events of another caller`, async () => {
  const random = seededRandom(4711);
  const pick = <T>(from: readonly T[]): T => {
    const picked = from[Math.floor(random() * from.length)];
    if (picked === undefined) throw new Error("There is nothing to pick.");
    return picked;
  };
  const processes = caches.map((cache) => new TenantProcess(upstream, cache));
  /** When each right was given or withdrawn last. */
  const changedAtMs = new Map<string, number>();
  const start = upstream.nowMs;
  for (const project of PROJECTS) {
    for (const job of JOBS) upstream.jobs.set(`${project}/${job}`, 5 + Math.floor(random() * 300));
  }
  for (const token of TOKENS) {
    upstream.rights.set(token, new Set([...upstream.jobs.keys()].filter(() => random() < 0.5)));
  }
  const counts = { pages: 0, refusals: 0 };

  const check = async (ask: Ask, level: "INFO" | "ERROR" | null): Promise<void> => {
    const job = `${ask.projectId}/${ask.jobId}`;
    const right = `${ask.token ?? ""} ${job}`;
    const mayBefore = upstream.rights.get(ask.token ?? "")?.has(job) ?? false;
    const page = {
      first: 1 + Math.floor(random() * 100),
      ...(level === null ? {} : { filter: { levels: [level] } }),
    };
    const answer = await pick(processes)
      .read(ask, page)
      .catch((error: unknown) => (error as GatewayError).code);
    const isSettled = upstream.nowMs - (changedAtMs.get(right) ?? start - GRANT_MS) > GRANT_MS;
    if (typeof answer === "string") {
      expect([right, answer, mayBefore && isSettled]).toEqual([right, "FORBIDDEN", false]);
      counts.refusals += 1;
    } else {
      expect([right, mayBefore || !isSettled]).toEqual([right, true]);
      expectOwn(answer, ask, job, level);
      counts.pages += 1;
    }
  };

  for (let operation = 0; operation < OPERATIONS; operation += AT_ONCE) {
    upstream.nowMs += Math.floor(random() * 1_500);
    if (random() < 0.1) {
      const token = pick(TOKENS);
      const job = pick([...upstream.jobs.keys()]);
      const rights = upstream.rights.get(token);
      if (rights?.delete(job) === false) rights.add(job);
      changedAtMs.set(`${token} ${job}`, upstream.nowMs);
    }
    if (random() < 0.02) {
      // The others follow later, or never.
      pick(processes).tenancy.change({ secret: pick(["secret", "another"]), upstream: "guarded" });
    }
    await Promise.all(
      Array.from({ length: AT_ONCE }, () =>
        check(
          { token: pick(TOKENS), projectId: pick(PROJECTS), jobId: pick(JOBS), language: pick(LANGUAGES) },
          pick([null, "INFO", "ERROR"] as const),
        ),
      ),
    );
  }
  expect(counts.pages).toBeGreaterThan(OPERATIONS / 4);
  expect(counts.refusals).toBeGreaterThan(OPERATIONS / 10);
  expect(upstream.limits.length).toBeLessThan(OPERATIONS);
}, 600_000);

/** Every event of a page says in its message whose it is, and in which language. */
function expectOwn(
  { nodes, totalCount }: EventConnection,
  ask: Ask,
  job: string,
  level: string | null,
): void {
  const expected = `${job} ${ask.language ?? "any"} `;
  for (const node of nodes) {
    expect(node.message.startsWith(expected)).toBe(true);
    if (level !== null) expect(node.level).toBe(level);
  }
  const all = upstream.jobs.get(job) ?? 0;
  expect(totalCount).toBeLessThanOrEqual(level === null ? all : Math.ceil(all / 3));
  expect(totalCount).toBeGreaterThanOrEqual(level === null ? all : Math.floor(all / 3));
}
