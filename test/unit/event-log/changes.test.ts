import { describe, expect, test } from "@jest/globals";
import { GatewayError } from "../../../src/errors.js";
import { type EventsArguments } from "../../../src/paging/arguments.js";
import { type EventPage } from "../../../src/paging/connection.js";
import { HEAD_TTL_MS, type VirtualGateway } from "../../support/virtual/virtual-gateway.js";
import { START_MS, VirtualJob } from "../../support/virtual/virtual-job.js";

const OLDEST: Partial<EventsArguments> = { order: "OLDEST_FIRST" };

async function messagesOf(gateway: VirtualGateway, page: Partial<EventsArguments>): Promise<string[]> {
  return (await gateway.read(page)).nodes.map(({ message }) => message);
}

async function refused(read: Promise<unknown>): Promise<GatewayError> {
  const error = await read.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof GatewayError) return error;
  throw new Error("A GatewayError was expected.", { cause: error });
}

describe("a settled block", () => {
  test("is dropped when the head shows that a late event was inserted before it", async () => {
    const job = VirtualJob.ofLength(500);
    const gateway = job.gateway();
    await gateway.read({ ...OLDEST, first: 100 });
    await gateway.read({ first: 10 });
    job.advanceClock(HEAD_TTL_MS + 1);
    job.insertLate(20);
    await gateway.read({ first: 10 });
    expect(await messagesOf(gateway, { ...OLDEST, first: 100 })).toEqual(job.messages().slice(0, 100));
  });

  test("is dropped when the head shows a trim, even if as many events were written", async () => {
    const job = VirtualJob.ofLength(500);
    const gateway = job.gateway();
    await gateway.read({ ...OLDEST, first: 100 });
    await gateway.read({ first: 10 });
    job.advanceClock(HEAD_TTL_MS + 1);
    job.trim(5);
    job.append(5);
    const page = await gateway.read({ ...OLDEST, first: 100 });
    expect(page.nodes.map(({ message }) => message)).toEqual(job.messages().slice(0, 100));
    expect(page.totalCount).toBe(500);
  });

  test("is used without a further call while the head shows that the log only grew", async () => {
    const job = VirtualJob.ofLength(500);
    const gateway = job.gateway();
    await gateway.read({ ...OLDEST, first: 100 });
    await gateway.read({ first: 10 });
    job.advanceClock(HEAD_TTL_MS + 1);
    job.append(3);
    job.upstream.takeCalls();
    const page = await gateway.read({ ...OLDEST, first: 100 });
    expect(page.totalCount).toBe(503);
    expect(job.upstream.takeCalls().calls).toBe(1);
    expect(job.upstream.calls.filter(({ path }) => path.includes("offset=0&"))).toEqual([]);
  });
});

describe("a settled block in the middle of a log", () => {
  /** Reads the whole log, changes it, and reads a page whose cursor is older than the change. */
  async function pageAfter(change: (job: VirtualJob) => void): Promise<{ shown: string[]; all: string[] }> {
    const job = VirtualJob.ofLength(1_000);
    const gateway = job.gateway();
    let cursor: string | null = null;
    for (let after: string | null = null, page = 0; page < 10; page += 1) {
      const { edges, pageInfo }: EventPage = await gateway.read({ ...OLDEST, first: 100, after });
      if (page === 4) cursor = edges[20]?.cursor ?? null;
      after = pageInfo.endCursor;
    }
    await gateway.read({ first: 10 });
    job.advanceClock(HEAD_TTL_MS + 1);
    change(job);
    return {
      shown: await messagesOf(gateway, { ...OLDEST, first: 60, after: cursor }),
      all: job.messages(),
    };
  }

  test("is used while the log only grows", async () => {
    const { shown, all } = await pageAfter((job) => {
      job.append(3);
    });
    expect(shown).toEqual(all.slice(421, 481));
  });

  test("is dropped when a late event is inserted into it", async () => {
    const { shown, all } = await pageAfter((job) => {
      job.insertLate(450);
    });
    expect(shown).toEqual(all.slice(421, 481));
    expect(shown).toContain("written 1");
  });

  test("is dropped when late events are inserted into it and as many events are trimmed", async () => {
    const { shown, all } = await pageAfter((job) => {
      job.insertLate(450);
      job.insertLate(460);
      job.trim(2);
    });
    expect(shown).toEqual(all.slice(419, 479));
    expect(shown).toContain("written 2");
  });
});

describe("two neighbouring blocks that were read at different times", () => {
  test.each([
    [
      "an event slipped in",
      (job: VirtualJob) => {
        job.insertLate(50);
      },
    ],
    [
      "the old end was cut",
      (job: VirtualJob) => {
        job.trim(7);
      },
    ],
  ])("show one state of the log if %s between the readings", async (_name, change) => {
    const job = VirtualJob.ofLength(400);
    const gateway = job.gateway();
    const first = await gateway.read({ ...OLDEST, first: 90 });
    change(job);
    const expected = job.messages();
    const seen = first.nodes.map(({ message }) => message);
    let after = first.pageInfo.endCursor;
    for (let more = true; more;) {
      const page = await gateway.read({ ...OLDEST, first: 90, after });
      seen.push(...page.nodes.map(({ message }) => message));
      after = page.pageInfo.endCursor;
      more = page.pageInfo.hasNextPage;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((message) => message.startsWith("event"))).toHaveLength(400);
    expect(seen.slice(90)).toEqual(expected.slice(-310));
  });
});

describe("a change between two parallel calls", () => {
  const nothing = (): void => undefined;

  test.each([
    [
      "an event is written",
      (job: VirtualJob) => {
        job.append(1);
      },
    ],
    [
      "many are written",
      (job: VirtualJob) => {
        job.append(70);
      },
    ],
    [
      "an event slips in",
      (job: VirtualJob) => {
        job.insertLate(250);
      },
    ],
    [
      "the old end is cut",
      (job: VirtualJob) => {
        job.trim(3);
      },
    ],
    [
      "the old end is trimmed as an event is written",
      (job: VirtualJob) => {
        job.trim(1);
        job.append(1);
      },
    ],
  ])("%s: the page shows one state of the log, in any order of the answers", async (_name, change) => {
    for (const isReversed of [false, true]) {
      for (const page of [{ first: 100 }, { ...OLDEST, last: 100 }]) {
        const job = VirtualJob.ofLength(300);
        const gateway = job.gateway();
        await gateway.read(page);
        // So long that the block next to the tail must be read again, too.
        job.advanceClock(600_000);
        job.upstream.isReversed = isReversed;
        job.upstream.before = [
          nothing,
          () => {
            change(job);
          },
        ];
        job.upstream.takeCalls();
        for (let time = 0; time < 2; time += 1) {
          const { nodes, totalCount } = await gateway.read(page);
          expect(job.upstream.before).toEqual([]);
          const newest = job.messages().slice(totalCount - 100, totalCount);
          const seen = nodes.map(({ message }) => message);
          expect(seen).toEqual(page.first === undefined ? newest : newest.reverse());
        }
        expect(job.upstream.takeCalls().calls).toBeLessThanOrEqual(5);
      }
    }
  });
});

describe("a cursor whose event has moved", () => {
  test.each([3, 150, 2_000])("by %d places still finds it", async (shift) => {
    const job = VirtualJob.ofLength(5_000);
    const gateway = job.gateway();
    let after: string | null = null;
    for (let page = 0; page < 30; page += 1) {
      after = (await gateway.read({ ...OLDEST, first: 100, after })).pageInfo.endCursor;
    }
    expect(await messagesOf(job.gateway(), { ...OLDEST, first: 1, after })).toEqual(["event 3000"]);
    job.trim(shift);
    expect(await messagesOf(gateway, { ...OLDEST, first: 1, after })).toEqual(["event 3000"]);
    expect(await messagesOf(job.gateway(), { first: 1, after })).toEqual(["event 2998"]);
  });

  test("among its exact repeats across two blocks is found", async () => {
    // Forty repeats in one second, around the seam of the first two blocks.
    const job = new VirtualJob(Array.from({ length: 80 }, (_, index) => index));
    for (let repeat = 0; repeat < 40; repeat += 1)
      job.write({ timeMs: START_MS + 100_000, message: "again" });
    for (let second = 101; second < 300; second += 1) job.write({ timeMs: START_MS + second * 1000 });
    const gateway = job.gateway();
    const page = await gateway.read({ ...OLDEST, first: 100 });
    const next = await gateway.read({ ...OLDEST, first: 12, after: page.pageInfo.endCursor });
    const after = next.pageInfo.endCursor;
    // Ordinal 111: 31 repeats lie behind the reader, 32 with it, and 8 before it.
    for (const change of [
      () => {
        job.insertLate(5);
      },
      () => {
        job.trim(4);
      },
      () => {
        job.insertLate(100);
      },
    ]) {
      change();
      for (const process of [gateway, job.gateway()]) {
        const rest = await messagesOf(process, { ...OLDEST, first: 60, after });
        expect(rest.filter((message) => message === "again")).toHaveLength(8);
      }
    }
  });

  test("is found in another language, too", async () => {
    const job = new VirtualJob([]);
    for (let index = 0; index < 300; index += 1) {
      job.write({
        timeMs: START_MS + Math.floor(index / 3) * 1000,
        message: `step ${index}`,
        messageZh: `步骤 ${index}`,
      });
    }
    const gateway = job.gateway();
    const { pageInfo } = await gateway.read({ ...OLDEST, first: 100 }, "en-us");
    job.insertLate(3, { messageZh: "晚" });
    const page = await gateway.read({ ...OLDEST, first: 2, after: pageInfo.endCursor }, "zh-cn");
    expect(page.nodes.map(({ message }) => message)).toEqual(["步骤 100", "步骤 101"]);
  });
});

describe("a cursor whose event is gone", () => {
  test("gives CURSOR_EXPIRED with the nearest remaining event in the direction of the walk", async () => {
    const job = VirtualJob.ofLength(600);
    const gateway = job.gateway();
    const { pageInfo, edges } = await gateway.read({ ...OLDEST, first: 50 });
    job.trim(300);
    job.advanceClock(HEAD_TTL_MS + 1);
    const newer = await refused(gateway.read({ ...OLDEST, first: 10, after: pageInfo.endCursor }));
    expect(newer).toMatchObject({ code: "CURSOR_EXPIRED", retryable: false, details: { argument: "after" } });
    const goesOn = { ...OLDEST, first: 3, after: newer.details.resumeCursor ?? null };
    for (const process of [gateway, job.gateway()]) {
      const page = await process.read(goesOn);
      expect(page.nodes.map(({ message }) => message)).toEqual(["event 300", "event 301", "event 302"]);
      expect(page.pageInfo).toMatchObject({ hasPreviousPage: false, hasNextPage: true });
    }
    const news = await refused(gateway.read({ last: 10, before: edges[20]?.cursor ?? null }));
    const page = await gateway.read({ last: 2, before: news.details.resumeCursor ?? null });
    expect(page.nodes.map(({ message }) => message)).toEqual(["event 301", "event 300"]);
  });

  test("has no resumeCursor if a walk towards newer events has nothing left", async () => {
    const job = VirtualJob.ofLength(60);
    const gateway = job.gateway();
    const { pageInfo } = await gateway.read({ ...OLDEST, first: 50 });
    job.trim(60);
    job.advanceClock(HEAD_TTL_MS + 1);
    const error = await refused(gateway.read({ ...OLDEST, first: 10, after: pageInfo.endCursor }));
    expect(error).toMatchObject({ code: "CURSOR_EXPIRED", details: { resumeCursor: null } });
  });

  test("ends a walk towards older events with an empty page if nothing older is left", async () => {
    const job = VirtualJob.ofLength(600);
    const gateway = job.gateway();
    const { pageInfo, edges } = await gateway.read({ ...OLDEST, first: 50 });
    job.trim(300);
    job.advanceClock(HEAD_TTL_MS + 1);
    const older = await gateway.read({ first: 10, after: edges[20]?.cursor ?? null });
    expect(older).toMatchObject({ edges: [], totalCount: 300 });
    expect(older.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const nested = await gateway.read({ ...OLDEST, page: { last: 10, before: pageInfo.endCursor } });
    expect(nested).toMatchObject({ edges: [], totalCount: 300 });
    expect(nested.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  });

  test("resumes over several logs in both directions without skipping an event", async () => {
    const job = new VirtualJob([]);
    for (let index = 0; index < 400; index += 1) {
      const level = index % 3 === 0 ? "Error" : "Warning";
      job.write({ timeMs: START_MS + Math.floor(index / 4) * 1000, level, message: `event ${index}` });
    }
    const filter = { levels: ["ERROR", "WARNING"] as const };
    const page = await job.gateway().read({ ...OLDEST, filter, first: 100 });
    const order = (
      await job.gateway().read({ ...OLDEST, filter, first: 100, after: page.pageInfo.endCursor })
    ).nodes;
    job.trim(120);
    job.advanceClock(HEAD_TTL_MS + 1);
    const gateway = job.gateway();
    const error = await refused(
      gateway.read({ ...OLDEST, filter, first: 5, after: page.pageInfo.endCursor }),
    );
    const after = error.details.resumeCursor ?? null;
    const { nodes } = await gateway.read({ ...OLDEST, filter, first: 80, after });
    expect(nodes).toEqual(order.slice(20, 100));
  });

  test("does not give CURSOR_EXPIRED in a process whose cache is older than the cursor", async () => {
    const job = VirtualJob.ofLength(150);
    const [behind, ahead] = [job.gateway(), job.gateway()];
    await behind.read({ first: 10 });
    job.append(40);
    const { pageInfo } = await ahead.read({ first: 10 });
    const page = await behind.read({ first: 5, after: pageInfo.startCursor });
    expect(page.nodes.map(({ message }) => message)).toEqual([39, 38, 37, 36, 35].map((n) => `written ${n}`));
  });

  test("gives CURSOR_EXPIRED only after a call to the upstream", async () => {
    const job = VirtualJob.ofLength(300);
    const gateway = job.gateway();
    const { pageInfo } = await gateway.read({ ...OLDEST, first: 50 });
    job.trim(100);
    job.advanceClock(HEAD_TTL_MS + 1);
    job.upstream.takeCalls();
    await refused(gateway.read({ ...OLDEST, first: 10, after: pageInfo.endCursor }));
    expect(job.upstream.takeCalls().calls).toBeGreaterThan(0);
  });
});

describe("events written during a walk from the newest", () => {
  test("are not mixed into the walk, and are before the start cursor", async () => {
    const job = VirtualJob.ofLength(120);
    const gateway = job.gateway();
    const first = await gateway.read({ first: 50 });
    job.append(7);
    job.advanceClock(HEAD_TTL_MS + 1);
    const second = await gateway.read({ first: 50, after: first.pageInfo.endCursor });
    expect(second.nodes.map(({ message }) => message)).toEqual(
      Array.from({ length: 50 }, (_, index) => `event ${69 - index}`),
    );
    const news = await gateway.read({ last: 50, before: first.pageInfo.startCursor });
    expect(news.nodes.map(({ message }) => message)).toEqual(
      [7, 6, 5, 4, 3, 2, 1].map((n) => `written ${n}`),
    );
    expect(news.pageInfo).toMatchObject({ hasPreviousPage: false, hasNextPage: true });
  });
});

test("a foreign or broken cursor costs no call", async () => {
  const job = VirtualJob.ofLength(120);
  const gateway = job.gateway();
  const { pageInfo } = await gateway.read({ first: 5 });
  job.upstream.takeCalls();
  const after = pageInfo.endCursor;
  expect((await refused(gateway.read({ filter: { levels: ["INFO"] }, after }))).message).toContain(
    "another filter",
  );
  expect((await refused(gateway.read({ after: "nonsense" }))).message).toContain("malformed");
  expect((await refused(gateway.read({ page: { before: "nonsense" } }))).details.argument).toBe(
    "page.before",
  );
  expect(job.upstream.takeCalls().calls).toBe(0);
});

test("an event has the same cursor in both orders, at any page size and in every process", async () => {
  const job = new VirtualJob(Array.from({ length: 450 }, (_, index) => Math.floor(index / 7)));
  const seen = new Map<string, string>();
  for (const order of ["OLDEST_FIRST", "NEWEST_FIRST"] as const) {
    for (const first of [13, 100]) {
      const gateway = job.gateway(first === 13 ? "row" : "auto");
      for (let after: string | null = null, more = true; more;) {
        const page = await gateway.read({ order, first, after });
        for (const { cursor, node } of page.edges) {
          expect(seen.get(node.message) ?? cursor).toBe(cursor);
          seen.set(node.message, cursor);
        }
        after = page.pageInfo.endCursor;
        more = page.pageInfo.hasNextPage;
      }
    }
  }
  expect(new Set(seen.values()).size).toBe(450);
});
