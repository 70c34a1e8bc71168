import { beforeEach, expect, test } from "@jest/globals";
import { type EventsArguments } from "../../../src/paging/arguments.js";
import { type Ask, GuardedModelArts, HEAD_TTL_MS, TenantProcess } from "../../support/access/tenants.js";

const JOB = "p/j";
const BY: Ask = { token: null, projectId: "p", jobId: "j", language: null };
const NEWEST = { first: 50 };
const OLDEST = { order: "OLDEST_FIRST", first: 50 } as const;
/** Calls of the virtual upstream take a millisecond each. */
const A_FEW_MS = 5;

let upstream: GuardedModelArts;
let process: TenantProcess;

beforeEach(() => {
  upstream = new GuardedModelArts();
  upstream.jobs.set(JOB, 1_000);
  process = new TenantProcess(upstream);
});

/** How long the page of an operation of its own remains fresh. */
async function lifeOf(page: Partial<EventsArguments>, by: Ask = BY): Promise<number | null> {
  const { read, freshForMs } = process.operation(by);
  await read(page);
  return freshForMs();
}

test.each([
  ["newest", NEWEST],
  ["oldest", OLDEST],
])("the %s page has the remaining lifetime of the head", async (_name, page) => {
  await lifeOf(page);
  const atFirst = (await lifeOf(page)) ?? 0;
  expect(atFirst).toBeLessThan(HEAD_TTL_MS);
  expect(atFirst).toBeGreaterThan(HEAD_TTL_MS - A_FEW_MS);
  upstream.nowMs += 700;
  expect(await lifeOf(page)).toBe(atFirst - 700);
  const { read, freshForMs } = process.operation(BY);
  await read(page);
  upstream.nowMs += atFirst - 700;
  expect(freshForMs()).toBe(0);
});

test("a settled block has the lifetime of the head that was read with it", async () => {
  await lifeOf(OLDEST);
  await lifeOf(NEWEST);
  upstream.nowMs += 5 * HEAD_TTL_MS;
  expect(await lifeOf(OLDEST)).toBeGreaterThan(HEAD_TTL_MS - A_FEW_MS);
  upstream.nowMs += 1_000;
  expect(await lifeOf(OLDEST)).toBeLessThan(HEAD_TTL_MS - 1_000);
});

test("two pages have the lifetime of the older one", async () => {
  await lifeOf(NEWEST);
  upstream.nowMs += 1_000;
  const { read, freshForMs } = process.operation(BY);
  await Promise.all([read(NEWEST), read({ order: "OLDEST_FIRST", first: 10 })]);
  expect(freshForMs()).toBeLessThan(HEAD_TTL_MS - 1_000);
});

test("the lifetime of a page ends with the token's grant", async () => {
  const [alice, bob] = ["alice", "bob"].map((token): Ask => ({ ...BY, token }));
  if (alice === undefined || bob === undefined) throw new Error("Two ask.");
  for (const { token } of [alice, bob]) upstream.rights.set(token ?? "", new Set([JOB]));
  await lifeOf(NEWEST, alice);
  upstream.nowMs += 29_000;
  await lifeOf(NEWEST, bob);
  upstream.takeLimits();
  expect(await lifeOf(NEWEST, alice)).toBeLessThanOrEqual(1_000);
  expect(upstream.takeLimits()).toEqual([]);
});

test("a stale page has no lifetime, and an operation without reads has none either", async () => {
  await lifeOf(NEWEST);
  upstream.nowMs += 2 * HEAD_TTL_MS;
  upstream.isFailing = true;
  expect(await lifeOf(NEWEST)).toBeNull();
  expect(process.operation(BY).freshForMs()).toBe(0);
});

test("a page whose read took longer than its lifetime is not sealed", async () => {
  upstream.latencyMs = HEAD_TTL_MS + 1;
  for (const page of [OLDEST, NEWEST]) {
    const { read, freshForMs, seal } = process.operation(BY);
    await read(page);
    expect(freshForMs()).toBe(0);
    expect(seal()?.holds() ?? false).toBe(false);
  }
});
