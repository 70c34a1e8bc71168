import { describe, expect, test } from "@jest/globals";
import { type BlockStore } from "../../../src/cache/block-store.js";
import { noLock } from "../../../src/cache/flight-lock.js";
import { createMemoryStore } from "../../../src/cache/memory-store.js";
import { run } from "../../../src/common/maybe-async.js";
import { LogReader } from "../../../src/event-log/reading/log-reader.js";
import { LogChanged } from "../../../src/event-log/reading/log-rows.js";
import { type EventsArguments } from "../../../src/paging/arguments.js";
import { rowOf } from "../../../src/paging/row.js";
import { HEAD_TTL_MS, VirtualGateway } from "../../support/virtual/virtual-gateway.js";
import { START_MS, VirtualJob } from "../../support/virtual/virtual-job.js";

const OLDEST: Partial<EventsArguments> = { order: "OLDEST_FIRST" };
const nothing = (): void => undefined;

const walk = (gateway: VirtualGateway, page: Partial<EventsArguments> = OLDEST): Promise<string[]> =>
  gateway.walk({ first: 90, ...page });

describe("between the two calls of a cold newest page", () => {
  test.each<[string, (job: VirtualJob) => void]>([
    [
      "a trim",
      (job) => {
        job.trim(3);
      },
    ],
    [
      "a trim and as many new events",
      (job) => {
        job.trim(3);
        job.append(3);
      },
    ],
    [
      "a late event",
      (job) => {
        job.insertLate(20);
      },
    ],
  ])("%s does not make a later oldest page wrong", async (_name, change) => {
    const job = VirtualJob.ofLength(500);
    const gateway = job.gateway();
    job.upstream.before = [
      nothing,
      () => {
        change(job);
      },
    ];
    await gateway.read({ first: 10 });
    expect(job.upstream.before).toEqual([]);
    job.advanceClock(HEAD_TTL_MS + 1);
    expect(await walk(gateway)).toEqual(job.messages());
  });

  test("a late event does not hide the newest event", async () => {
    const job = VirtualJob.ofLength(500);
    const gateway = job.gateway();
    job.upstream.before = [
      nothing,
      () => {
        job.insertLate(450);
      },
    ];
    const { nodes, pageInfo, totalCount } = await gateway.read({ first: 10 });
    expect(nodes[0]?.message).toBe("event 499");
    expect(pageInfo.hasPreviousPage).toBe(false);
    expect(totalCount).toBe(501);
  });

  test("many new events are shown", async () => {
    const job = VirtualJob.ofLength(500);
    job.upstream.before = [
      nothing,
      () => {
        job.append(45);
      },
    ];
    const { nodes, totalCount } = await job.gateway().read({ first: 10 });
    expect(nodes[0]?.message).toBe("written 45");
    expect(totalCount).toBe(545);
  });
});

describe("as many late events as trimmed events between two readings of the head", () => {
  test.each([1, 7, 60])(
    "%d of each are detected, although the newest events have the same ordinals",
    async (count) => {
      const job = VirtualJob.ofLength(500);
      const gateway = job.gateway();
      await walk(gateway);
      await gateway.read({ first: 10 });
      job.advanceClock(HEAD_TTL_MS + 1);
      job.trim(count);
      for (let late = 0; late < count; late += 1) job.insertLate(350);
      expect(await walk(gateway)).toEqual(job.messages());
      job.advanceClock(HEAD_TTL_MS + 1);
      expect(await walk(gateway, { first: 100 })).toEqual(job.messages().reverse());
    },
  );
});

describe("a page in the middle shows as many late events as were trimmed", () => {
  async function middlePage(job: VirtualJob, gateway: VirtualGateway, middle: string | null): Promise<void> {
    await gateway.read({ ...OLDEST, first: 30, after: middle });
    job.advanceClock(HEAD_TTL_MS + 1);
    job.trim(2);
    job.insertLate(310);
    job.insertLate(311);
    const { nodes } = await gateway.read({ ...OLDEST, first: 30, after: middle });
    expect(nodes.map(({ message }) => message)).toEqual(expect.arrayContaining(["written 1", "written 2"]));
  }

  async function jobAndMiddle(): Promise<{ job: VirtualJob; middle: string | null }> {
    const job = VirtualJob.ofLength(600);
    const aroundTime = new Date(START_MS + 305_000);
    const { pageInfo } = await job.gateway().read({ ...OLDEST, first: 1, aroundTime });
    return { job, middle: pageInfo.startCursor };
  }

  test("while the oldest block is in memory", async () => {
    const { job, middle } = await jobAndMiddle();
    const gateway = job.gateway();
    await gateway.read({ first: 10 });
    await middlePage(job, gateway, middle);
  });

  test("when the oldest block is no longer in memory", async () => {
    const { job, middle } = await jobAndMiddle();
    const gateway = new VirtualGateway(job.upstream, "row", { cacheMaxBytes: 16 * 1024 });
    await gateway.read({ first: 10 });
    await gateway.walk({ ...OLDEST, first: 90 });
    await middlePage(job, gateway, middle);
  });
});

test("a late event that replaces the oldest one of exactly 100 is shown", async () => {
  const job = VirtualJob.ofLength(100);
  const gateway = job.gateway();
  const read = async (): Promise<string[]> => {
    await gateway.read({ first: 10 });
    return gateway.walk({ ...OLDEST, first: 50 });
  };
  for (let time = 0; time < 3; time += 1) {
    await read();
    job.advanceClock(HEAD_TTL_MS + 1);
  }
  job.insertLate(0);
  job.trim(1);
  expect(await read()).toEqual(job.messages());
});

test("an older block that ends after a newer, smaller total is not used", () => {
  const rows = (start: number, count: number) =>
    Array.from({ length: count }, (_, index) =>
      rowOf({ timeMs: START_MS + (start + index) * 1_000, level: null, source: null, message: "event" }),
    );
  const blocks = new Map([
    ["r0", { start: 0, rows: rows(400, 83), total: 83, readAtMs: 2_000 }],
    ["r1", { start: 99, rows: rows(99, 100), total: 300, readAtMs: 1_000 }],
  ]);
  const reads = {
    unit: "row",
    startedAtMs: 500,
    hint: () => ({ knownTotal: 300 }),
    block: (_log: unknown, { key }: { key: string }) => {
      const segment = blocks.get(key);
      if (segment === undefined) throw new Error(`No block ${key} is here.`);
      return { segment, total: segment.total, totalAtMs: segment.readAtMs };
    },
  };
  const reader = new LogReader({} as never, reads as never, 0, false);
  expect(() => reader.rows(50, 120).next()).toThrow(LogChanged);
});

test("`hasNextPage` is not true for an event that a later reading counts as older", async () => {
  const job = new VirtualJob([
    ...Array.from({ length: 150 }, (_, index) => index),
    ...Array.from({ length: 150 }, () => 200),
    201,
  ]);
  const gateway = job.gateway();
  await gateway.readAll([{ first: 10 }], null, false);
  job.upstream.before = [
    () => {
      job.insertLate(200);
    },
  ];
  const { nodes, pageInfo } = await gateway.read({ first: 60 });
  expect(job.upstream.before).toEqual([]);
  expect(nodes[0]?.message).toBe("event 300");
  expect(pageInfo.hasPreviousPage).toBe(false);
});

describe("a replica that lags by an event", () => {
  test("does not remove known events, and causes no second read", async () => {
    const job = VirtualJob.ofLength(500);
    const gateway = job.gateway();
    await walk(gateway);
    job.append(1);
    job.advanceClock(HEAD_TTL_MS + 1);
    const newest = await gateway.read({ first: 10 });
    expect(newest.totalCount).toBe(501);
    job.advanceClock(HEAD_TTL_MS + 1);
    job.upstream.takeCalls();
    job.upstream.lags = [1, 1, 1];
    const undated = { asOfMs: null, list: null };
    expect({ ...(await gateway.read({ first: 10 })), ...undated }).toEqual({ ...newest, ...undated });
    const after = newest.pageInfo.startCursor;
    const behind = await gateway.read({ ...OLDEST, first: 10, after });
    expect(behind.edges).toEqual([]);
    expect(behind.pageInfo.hasNextPage).toBe(false);
    job.upstream.lags = [1, 1, 1];
    expect(await walk(gateway)).toEqual(job.messages());
    expect(job.upstream.takeCalls().calls).toBeLessThanOrEqual(4);
  });

  test("alternating with an up-to-date one gives every event of a walk once, without an error", async () => {
    const job = VirtualJob.ofLength(500);
    const gateway = job.gateway();
    for (let round = 0; round < 4; round += 1) {
      job.append(1);
      for (const page of [OLDEST, {}]) {
        job.upstream.lags = Array.from({ length: 40 }, (_, call) => (call + round) % 2);
        const messages = await walk(gateway, page);
        expect(new Set(messages).size).toBe(messages.length);
        expect(messages.length).toBeGreaterThanOrEqual(job.messages().length - 3);
        job.advanceClock(HEAD_TTL_MS / 2);
      }
    }
  });

  test("makes no event of several logs appear twice", async () => {
    const job = new VirtualJob([]);
    for (let index = 0; index < 300; index += 1) {
      job.write({ timeMs: START_MS + index * 1_000, level: index % 2 === 0 ? "Info" : "Error" });
    }
    const gateway = job.gateway();
    const filter = { levels: ["INFO" as const, "ERROR" as const] };
    job.upstream.lags = Array.from({ length: 60 }, (_, call) => Number(call % 3 === 0));
    const messages = await walk(gateway, { first: 40, filter });
    expect(new Set(messages).size).toBe(messages.length);
    expect(messages.length).toBeGreaterThanOrEqual(298);
  });

  test("hides no event from the older pages of several levels", async () => {
    const job = new VirtualJob([]);
    for (let at = 0; at < 40; at += 1) {
      job.write({ timeMs: START_MS + at * 1_000, level: at % 2 === 0 ? "INFO" : "ERROR" });
    }
    const gateway = job.gateway();
    const filter = { levels: ["INFO" as const, "ERROR" as const] };
    job.upstream.lags = [0, 40];
    const { pageInfo, nodes } = await gateway.read({ first: 5, filter });
    expect(nodes.map(({ level }) => level)).toEqual(Array.from({ length: 5 }, () => "INFO"));
    job.advanceClock(HEAD_TTL_MS + 1);
    const older = await gateway.read({ first: 5, filter, after: pageInfo.endCursor });
    expect(older.nodes.map(({ message }) => message)).toEqual(
      [30, 29, 28, 27, 26].map((at) => `written ${at}`),
    );
  });

  test("is trusted only for a time: a log that lost its newest event is shown as it is", async () => {
    const job = VirtualJob.ofLength(500);
    const gateway = job.gateway();
    await gateway.read({ first: 10 });
    job.upstream.lags = Array.from({ length: 100 }, () => 1);
    for (let second = 0; second < 10; second += 1) {
      job.advanceClock(HEAD_TTL_MS + 1);
      await gateway.read({ first: 10 });
    }
    expect((await gateway.read({ first: 10 })).totalCount).toBe(499);
  });
});

describe("a re-walk of an unchanged log costs at most two calls", () => {
  const walks = [
    ["oldest first", OLDEST],
    ["newest first", {}],
  ] as const;
  test.each(walks.flatMap(([a, first]) => walks.map(([b, second]) => [a, b, first, second] as const)))(
    "%s, then %s",
    async (_a, _b, first, second) => {
      const job = VirtualJob.ofLength(1_000);
      const gateway = job.gateway();
      await walk(gateway, first);
      for (let again = 0; again < 3; again += 1) {
        job.advanceClock(HEAD_TTL_MS + 1);
        job.upstream.takeCalls();
        expect(await walk(gateway, second)).toHaveLength(1_000);
        expect(job.upstream.takeCalls().calls).toBeLessThanOrEqual(2);
      }
    },
  );

  test("also if the first walk did not reach the end", async () => {
    const job = VirtualJob.ofLength(1_000);
    const gateway = job.gateway();
    for (let time = 0; time < 3; time += 1) {
      job.upstream.takeCalls();
      const { pageInfo } = await gateway.read({ ...OLDEST, first: 100 });
      await gateway.read({ ...OLDEST, first: 100, after: pageInfo.endCursor });
      expect(job.upstream.takeCalls().calls).toBeLessThanOrEqual(time === 0 ? 3 : 2);
      job.advanceClock(HEAD_TTL_MS + 1);
    }
  });
});

test("a job that is created again with the same ID shows no old events", async () => {
  const job = VirtualJob.ofLength(400);
  const [one, other] = [job.gateway(), job.gateway()];
  const first = await one.read({ ...OLDEST, first: 50 });
  for (const gateway of [one, other]) {
    await walk(gateway);
    await gateway.read({ first: 50 });
  }
  job.advanceClock(HEAD_TTL_MS + 1);
  job.trim(400);
  for (let index = 0; index < 400; index += 1) job.write({ message: `new ${index}` });
  for (const gateway of [one, other]) {
    const old = gateway.read({ ...OLDEST, first: 50, after: first.pageInfo.endCursor });
    await expect(old).rejects.toMatchObject({ code: "CURSOR_EXPIRED" });
    expect(await walk(gateway)).toEqual(job.messages());
    expect(await walk(gateway, {})).toEqual(job.messages().reverse());
  }
});

test.each([
  ["ends where the tail of the old log begins", 60],
  ["is shorter than that", 59],
  ["is longer than that", 61],
])(
  "a new job under the same ID that %s is not shown below the events of the old one",
  async (_name, count) => {
    const job = VirtualJob.ofLength(140);
    const gateway = job.gateway();
    await gateway.read({ first: 99 });
    job.advanceClock(HEAD_TTL_MS + 1);
    // Both calls begin at the same time: for the tail at ordinal 60, and for the block below it.
    const create = (): void => {
      job.trim(140);
      job.append(count);
    };
    job.upstream.before = [nothing, create];
    const { nodes, totalCount } = await gateway.read({ first: 99 });
    expect(job.upstream.before).toEqual([]);
    expect(nodes.map(({ message }) => message)).toEqual(job.messages().reverse());
    expect(totalCount).toBe(count);
  },
);

describe("a job that is created again while one level of a page is still in the cache", () => {
  const FILTER = { levels: ["INFO" as const, "ERROR" as const] };

  /** A page of the 10 newest events ends with an ERROR. */
  function changingJob(): { job: VirtualJob; create: (name: string) => void } {
    const job = new VirtualJob([]);
    const create = (name: string): void => {
      job.trim(40);
      for (let second = 0; second < 40; second += 1) {
        const level = second % 2 === 0 ? "ERROR" : "INFO";
        job.write({ timeMs: START_MS + second * 1_000, level, message: `${name} ${second}` });
      }
    };
    create("old");
    return { job, create };
  }

  test("does not continue the old level with events of the new job", async () => {
    const { job, create } = changingJob();
    const gateway = job.gateway();
    const { pageInfo } = await gateway.read({ first: 10, filter: FILTER });
    job.advanceClock(HEAD_TTL_MS + 1);
    await gateway.read({ first: 10, filter: { levels: ["ERROR"] } });
    create("new");
    const next = gateway.read({ first: 10, filter: FILTER, after: pageInfo.endCursor });
    await expect(next).rejects.toMatchObject({ code: "CURSOR_EXPIRED" });
  });

  test("does not continue the new level behind events of the old job", async () => {
    const { job, create } = changingJob();
    const gateway = job.gateway();
    await gateway.read({ first: 10, filter: { levels: ["INFO"] } });
    create("new");
    const { pageInfo } = await gateway.read({ first: 10, filter: FILTER });
    job.advanceClock(HEAD_TTL_MS + 1);
    const next = gateway.read({ first: 10, filter: FILTER, after: pageInfo.endCursor });
    await expect(next).rejects.toMatchObject({ code: "CURSOR_EXPIRED" });
  });
});

test("a head that was read before a block with more events is read again, not taken twice", () => {
  const segment = (start: number, total: number, readAtMs: number) => ({
    start,
    total,
    readAtMs,
    rows: Array.from({ length: Math.min(100, total - start) }, (_, index) =>
      rowOf({
        timeMs: START_MS + (start + index) * 1_000,
        level: null,
        source: null,
        message: `event ${start + index}`,
      }),
    ),
  });
  const block = segment(396, 511, 1_055);
  const reads = {
    unit: "row",
    startedAtMs: 900,
    hint: () => ({ tail: segment(425, 508, 1_000), knownTotal: 508, growth: 0 }),
    isFreshHead: () => false,
    localHead: () => null,
    isLocal: () => false,
    head: (_log: unknown, sinceMs: number) => ({
      tail: sinceMs <= 1_000 ? segment(425, 508, 1_000) : segment(431, 511, 1_060),
    }),
    block: () => ({ segment: block, total: 511, totalAtMs: 1_055, isStale: false }),
  };
  const reader = new LogReader({} as never, reads as never, 0, false);
  const total = run(reader.newest(101));
  expect(total).toBe(511);
  expect(() => run(reader.rows(411, 510))).not.toThrow();
});

test("a block that was read while another reading showed a change does not count as settled", async () => {
  const job = VirtualJob.ofLength(500);
  const cursorAt = async (place: number): Promise<string | null> => {
    const { pageInfo } = await job
      .gateway()
      .read({ ...OLDEST, first: 1, aroundTime: new Date(START_MS + place * 1_000) });
    return pageInfo.startCursor;
  };
  const after = await cursorAt(205);
  const gateway = job.gateway();
  await gateway.read({ first: 10 });
  job.advanceClock(HEAD_TTL_MS + 1);
  const change = (): void => {
    job.trim(1);
    job.insertLate(220);
  };
  job.upstream.before = [nothing, change];
  const [, oldest] = await Promise.all([
    gateway.read({ ...OLDEST, first: 30, after }),
    gateway.read({ ...OLDEST, first: 10 }),
  ]);
  expect(oldest.nodes[0]?.message).toBe("event 1");
  job.advanceClock(HEAD_TTL_MS + 1);
  const { nodes } = await gateway.read({ ...OLDEST, first: 30, after });
  expect(nodes.map(({ message }) => message)).toContain("written 1");
});

test("a page that ends where its log ended does not count a late event that another process has seen", async () => {
  const job = VirtualJob.ofLength(200);
  const nowMs = () => job.upstream.nowMs;
  const own = createMemoryStore({ maxBytes: 1e7, nowMs });
  const others = createMemoryStore({ maxBytes: 1e7, nowMs });
  /** What the other process reads is in the shared cache, too. */
  const shared: BlockStore = {
    getMany: (keys, along) => others.getMany(keys, along),
    isLocal: (key) => others.isLocal(key),
    peek: (key) => others.peek(key),
    set: (key, entry) => {
      others.set(key, entry);
      if (key.endsWith(":r0")) own.set(key, entry);
    },
  };
  const [gateway, other] = [own, shared].map(
    (store) => new VirtualGateway(job.upstream, "row", { shared: { store, lock: noLock, name: "same" } }),
  );
  const first = await gateway?.read({ ...OLDEST, first: 100 });
  await gateway?.read({ order: "NEWEST_FIRST", first: 100 });
  job.advanceClock(HEAD_TTL_MS / 2);
  job.insertLate(150);
  await other?.read({ ...OLDEST, first: 10 });
  const after = first?.pageInfo.endCursor ?? null;
  const last = await gateway?.read({ ...OLDEST, first: 100, after });
  expect(last?.nodes.at(-1)?.message).toBe("event 198");
  expect(last?.pageInfo.hasNextPage).toBe(true);
});
