import { beforeEach, describe, expect, test } from "@jest/globals";
import { type FlightLock, noLock } from "../../../src/cache/flight-lock.js";
import { createMemoryStore } from "../../../src/cache/memory-store.js";
import { type EventsArguments, ORDERS } from "../../../src/paging/arguments.js";
import { HEAD_TTL_MS, JOB, VirtualGateway } from "../../support/virtual/virtual-gateway.js";
import { VirtualModelArts } from "../../support/virtual/virtual-modelarts.js";

let upstream: VirtualModelArts;
let gateway: VirtualGateway;

/** A job of so many events, one a second. */
function createJob(count: number): void {
  const startMs = upstream.nowMs - 1_000_000_000;
  upstream.simulation.jobs.create(
    JOB.jobId,
    Array.from({ length: count }, (_, index) => ({
      timeMs: startMs + index * 1000,
      message: `event ${index}`,
    })),
  );
}

let appended = 0;

function append(count: number): void {
  for (let index = 0; index < count; index += 1) {
    appended += 1;
    upstream.simulation.jobs.add(JOB.jobId, [{ message: `appended ${appended}` }]);
  }
}

beforeEach(() => {
  upstream = new VirtualModelArts();
  gateway = new VirtualGateway(upstream);
});

test("the newest page of a log of one block is read under one lock", async () => {
  createJob(60);
  const locked: string[] = [];
  const lock: FlightLock = (want) => {
    locked.push(want.lockKey);
    return noLock(want);
  };
  const nowMs = (): number => upstream.nowMs;
  const store = createMemoryStore({ maxBytes: 1024 * 1024, nowMs });
  const locking = new VirtualGateway(upstream, "row", { shared: { store, lock, name: "locking" } });
  expect((await locking.read({ first: 50 })).edges).toHaveLength(50);
  expect(locked).toHaveLength(1);
});

describe("a cold page", () => {
  test.each<[string, Partial<EventsArguments>, number, number]>([
    ["the newest 50", { first: 50 }, 2, 2],
    ["the newest 100", { first: 100 }, 3, 2],
    ["the oldest 50", { order: "OLDEST_FIRST", first: 50 }, 1, 1],
    ["the oldest 100", { order: "OLDEST_FIRST", first: 100 }, 1, 1],
    ["the last 50 of the oldest first", { order: "OLDEST_FIRST", last: 50 }, 2, 2],
    ["no event", { first: 0 }, 1, 1],
  ])("of 1,000 events, %s", async (_name, page, calls, rounds) => {
    createJob(1000);
    const connection = await gateway.read(page);
    expect(connection.totalCount).toBe(1000);
    expect(connection.edges).toHaveLength(page.first ?? page.last ?? 0);
    expect(upstream.takeCalls()).toEqual({ calls, rounds });
  });

  // The tail of a log of 100 events has room for one more row, so the oldest event is read in parallel.
  test.each([
    [0, 1],
    [1, 1],
    [27, 1],
    [99, 1],
    [100, 2],
  ])(
    "of a log of %d events cost one call, and after its lifetime %d parallel calls, whatever their size and order",
    async (count, later) => {
      createJob(count);
      await gateway.read({ first: 100 });
      await gateway.read({ order: "OLDEST_FIRST", first: 100 });
      await gateway.read({ last: 3 });
      await gateway.read({ first: 0 });
      expect(upstream.takeCalls()).toEqual({ calls: 1, rounds: 1 });
      upstream.nowMs += HEAD_TTL_MS + 1;
      await gateway.read({ first: 100 });
      await gateway.read({ order: "OLDEST_FIRST", first: 100 });
      expect(upstream.takeCalls()).toEqual({ calls: later, rounds: 1 });
    },
  );

  test("at any cursor costs at most three calls in two rounds", async () => {
    createJob(1000);
    const cursors: string[] = [];
    for (let after: string | null = null; ;) {
      const page = await gateway.read({ order: "OLDEST_FIRST", first: 100, after });
      cursors.push(...page.edges.map(({ cursor }) => cursor));
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(cursors).toHaveLength(1000);
    for (const order of ORDERS) {
      for (const cursor of cursors.filter((_, index) => index % 7 === 0)) {
        gateway = new VirtualGateway(upstream, "row");
        upstream.takeCalls();
        await gateway.read({ order, first: 100, after: cursor });
        const { calls, rounds } = upstream.takeCalls();
        expect(calls).toBeLessThanOrEqual(3);
        expect(rounds).toBeLessThanOrEqual(2);
      }
    }
  });
});

describe("a page of a log seen lately", () => {
  test.each([10, 50, 80, 100])("the newest %d in one round", async (first) => {
    createJob(1000);
    await gateway.read({ first });
    upstream.takeCalls();
    upstream.nowMs += 10 * 60_000;
    append(5);
    const page = await gateway.read({ first });
    expect(page.totalCount).toBe(1005);
    expect(page.edges).toHaveLength(first);
    expect(upstream.takeCalls().rounds).toBe(1);
  });

  test("costs nothing while its blocks are cached", async () => {
    createJob(1000);
    const { pageInfo } = await gateway.read({ first: 50 });
    await gateway.read({ first: 100, after: pageInfo.endCursor });
    upstream.takeCalls();
    await gateway.read({ first: 50 });
    await gateway.read({ first: 100, after: pageInfo.endCursor });
    await gateway.read({ first: 20, after: pageInfo.endCursor });
    expect(upstream.takeCalls().calls).toBe(0);
  });

  test("costs one call every four fifths of the head's lifetime while the job writes, for any number of pollers", async () => {
    createJob(1000);
    await gateway.read({ first: 50 });
    upstream.takeCalls();
    const seconds = 20;
    for (let poll = 0; poll < seconds * 5; poll += 1) {
      upstream.nowMs += 200;
      append(1);
      await gateway.readAll([{ first: 50 }, { first: 50 }, { first: 10 }]);
    }
    expect(upstream.takeCalls().calls).toBeLessThanOrEqual((seconds * 1000) / (0.8 * HEAD_TTL_MS) + 1);
  });
});

describe("a walk from end to end", () => {
  test.each(ORDERS.flatMap((order) => [1, 7, 10, 50, 99, 100].map((size) => [order, size] as const)))(
    "%s in pages of %d",
    async (order, size) => {
      createJob(1000);
      const messages = await gateway.walk({ order, first: size });
      const expected = Array.from({ length: 1000 }, (_, index) => `event ${index}`);
      expect(messages).toEqual(order === "OLDEST_FIRST" ? expected : expected.reverse());
      expect(upstream.takeCalls().calls).toBeLessThanOrEqual(1000 / 99 + 2);
    },
  );

  test.each(ORDERS)("%s while the log grows", async (order) => {
    createJob(1000);
    const messages = await gateway.walk({ order, first: 50 }, () => {
      append(1);
    });
    expect(new Set(messages).size).toBe(messages.length);
    expect(messages.filter((message) => message.startsWith("event"))).toHaveLength(1000);
    expect(upstream.takeCalls().calls).toBeLessThanOrEqual(14);
  });
});

test("twenty aliases of one log make one call for each block", async () => {
  createJob(1000);
  await gateway.readAll(Array.from({ length: 20 }, (_, index) => ({ first: 4 * index + 4 })));
  expect(upstream.takeCalls()).toEqual({ calls: 2, rounds: 2 });
});

test("a page 90,000 events deep costs as much as the first page", async () => {
  createJob(100_000);
  const { pageInfo } = await gateway.read({ first: 50 });
  let after = pageInfo.endCursor;
  upstream.takeCalls();
  const deep = new VirtualGateway(upstream);
  for (let page = 0; page < 900; page += 1) {
    after = (await deep.read({ first: 100, after })).pageInfo.endCursor;
  }
  upstream.takeCalls();
  const fresh = new VirtualGateway(upstream);
  const found = await fresh.read({ first: 50, after });
  expect(found.nodes[0]?.message).toBe("event 9949");
  expect(upstream.takeCalls().calls).toBeLessThanOrEqual(3);
});

test("calls that detect the unit of offsets, and shared reads, do not count for an operation", async () => {
  createJob(12_000);
  const known = new VirtualGateway(upstream, "row");
  let after: string | null = null;
  for (let page = 0; page < 4; page += 1) {
    after = (await known.read({ order: "OLDEST_FIRST", first: 100, after })).pageInfo.endCursor;
  }
  const strict = new VirtualGateway(upstream, "auto", { maxUpstreamCalls: 3 });
  const pages = await Promise.all(
    Array.from({ length: 5 }, () => strict.read({ order: "OLDEST_FIRST", first: 100, after })),
  );
  expect(pages.map(({ nodes }) => nodes[0]?.message)).toEqual(Array(5).fill("event 400"));
});

describe("a page without selected cursors", () => {
  const NEWEST = Array.from({ length: 20 }, (_, index) => ({ first: 5 * (index + 1) }));

  test("does not read the event before its oldest one", async () => {
    createJob(1000);
    const sizes = (await gateway.readAll(NEWEST, null, false)).map(({ edges }) => edges.length);
    expect(sizes).toEqual(NEWEST.map(({ first }) => first));
    expect(upstream.calls).toHaveLength(2);
  });

  test("costs one call more with cursors", async () => {
    createJob(1000);
    await gateway.readAll(NEWEST);
    expect(upstream.calls).toHaveLength(3);
  });

  test("has the same events, and causes no wrong cursor later", async () => {
    const timeMs = upstream.nowMs - 1_000_000;
    upstream.simulation.jobs.create(
      JOB.jobId,
      Array.from({ length: 300 }, () => ({ timeMs, message: "all the same" })),
    );
    const other = new VirtualGateway(upstream);
    const expected = await other.read({ first: 100 });
    const [page] = await gateway.readAll([{ first: 100 }], null, false);
    expect(page?.nodes).toEqual(expected.nodes);
    expect(page?.pageInfo).toEqual({ ...expected.pageInfo, startCursor: null, endCursor: null });
    expect(() => page?.edges[0]?.cursor).toThrow("read without");
    expect((await gateway.read({ first: 100 })).edges).toEqual(expected.edges);
  });
});
