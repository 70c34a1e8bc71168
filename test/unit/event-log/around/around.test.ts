import { describe, expect, test } from "@jest/globals";
import { GatewayError } from "../../../../src/errors.js";
import { type EventsArguments, ORDERS } from "../../../../src/paging/arguments.js";
import {
  HEAD_TTL_MS,
  SETTLED_TTL_MS,
  type VirtualGateway,
} from "../../../support/virtual/virtual-gateway.js";
import { START_MS, VirtualJob } from "../../../support/virtual/virtual-job.js";

const OLDEST: Partial<EventsArguments> = { order: "OLDEST_FIRST" };

function second(index: number): Date {
  return new Date(START_MS + index * 1000);
}

async function refused(read: Promise<unknown>): Promise<GatewayError> {
  const error = await read.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof GatewayError) return error;
  throw new Error("A GatewayError was expected.", { cause: error });
}

/** The ID of the event with this message under a filter. */
async function idOf(
  gateway: VirtualGateway,
  message: string,
  page: Partial<EventsArguments> = {},
): Promise<string> {
  for (let after: string | null = null; ;) {
    const { nodes, pageInfo } = await gateway.read({ ...OLDEST, first: 100, after, ...page }, null, true);
    const id = nodes.find((node) => node.message === message)?.id;
    if (id !== undefined) return id;
    if (!pageInfo.hasNextPage) throw new Error(`There is no event ${message}.`);
    after = pageInfo.endCursor;
  }
}

const numbers = (from: number, to: number) =>
  Array.from({ length: Math.abs(to - from) + 1 }, (_, at) => `event ${from < to ? from + at : from - at}`);

async function messagesAround(gateway: VirtualGateway, page: Partial<EventsArguments>): Promise<string[]> {
  return (await gateway.read(page)).nodes.map(({ message }) => message);
}

describe("a page around a time", () => {
  test.each([
    [OLDEST, 5, 300, numbers(298, 302)],
    [{}, 5, 300, numbers(302, 298)],
    [OLDEST, 5, 0, numbers(0, 4)],
    [{}, 4, 0, numbers(3, 0)],
    [OLDEST, 4, 999, numbers(996, 999)],
    [OLDEST, 4, 5_000, numbers(996, 999)],
    [{}, 4, 5_000, numbers(999, 996)],
    [{}, 4, -5_000_000_000, numbers(3, 0)],
  ] as const)("%j first %d around %d", async (order, first, time, expected) => {
    const job = VirtualJob.ofLength(1000);
    const page = await job.gateway().read({ ...order, first, aroundTime: second(time) });
    expect(page.nodes.map(({ message }) => message)).toEqual(expected);
    expect(page.totalCount).toBe(1000);
  });

  test("has the page info of any page, and its cursors walk on in both directions", async () => {
    const gateway = VirtualJob.ofLength(1000).gateway();
    const { pageInfo } = await gateway.read({ first: 10, aroundTime: second(500) });
    expect(pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    expect(await messagesAround(gateway, { first: 2, after: pageInfo.endCursor })).toEqual(numbers(495, 494));
    expect(await messagesAround(gateway, { last: 2, before: pageInfo.startCursor })).toEqual(
      numbers(507, 506),
    );
    const all = await VirtualJob.ofLength(10)
      .gateway()
      .read({ first: 50, aroundTime: second(3) });
    expect(all.nodes).toHaveLength(10);
    expect(all.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
  });

  test.each(["row", "page"] as const)(
    "costs at most three calls in two rounds wherever it is, with %s offsets",
    async (unit) => {
      const job = VirtualJob.ofLength(100_000);
      for (const order of ORDERS) {
        for (const first of unit === "row" ? [20, 50, 66, 67, 100] : [20, 50]) {
          for (const at of [0, 10, 49, 99, 12_345, 54_321, 99_860, 99_930, 99_990, 99_999, 200_000]) {
            job.upstream.simulation.set({ pageOffsets: unit === "page" });
            const gateway = job.gateway(unit);
            job.upstream.takeCalls();
            const page = await gateway.read({ order, first, aroundTime: second(at) });
            expect(page.nodes).toHaveLength(first);
            const { calls, rounds } = job.upstream.takeCalls();
            expect({ first, at, tooMany: calls > 3 || rounds > 2 }).toEqual({ first, at, tooMany: false });
          }
        }
      }
    },
  );

  test("costs no call while it is fresh, and later one call for each end of the log", async () => {
    const job = VirtualJob.ofLength(5_000);
    const gateway = job.gateway();
    const page = { first: 50, aroundTime: second(2_500) };
    await gateway.read({ first: 10 });
    const first = await gateway.read(page);
    job.upstream.takeCalls();
    expect(await gateway.read(page)).toEqual(first);
    expect(job.upstream.takeCalls().calls).toBe(0);
    job.advanceClock(SETTLED_TTL_MS / 2);
    const later = await gateway.read(page);
    const { asOfMs } = later.list;
    expect(later).toEqual({ ...first, asOfMs, list: { ...first.list, asOfMs } });
    expect(job.upstream.takeCalls().calls).toBe(2);
  });

  test("is right if the upstream's total does not count the time range", async () => {
    const job = VirtualJob.ofLength(5_000);
    job.upstream.ignoresTime = true;
    expect(await messagesAround(job.gateway(), { ...OLDEST, first: 5, aroundTime: second(1_234) })).toEqual(
      numbers(1232, 1236),
    );
  });

  test("is right after a trim, although a count from before it is cached", async () => {
    const job = VirtualJob.ofLength(5_000);
    const gateway = job.gateway();
    const page = { ...OLDEST, first: 5, aroundTime: second(3_000) };
    await gateway.read(page);
    job.trim(1_500);
    job.advanceClock(HEAD_TTL_MS + 1);
    expect(await messagesAround(gateway, page)).toEqual(numbers(2998, 3002));
  });

  test("is within the time range of the filter", async () => {
    const gateway = VirtualJob.ofLength(1_000).gateway();
    const filter = { time: { start: second(100), end: second(900) } };
    const around = (at: number) =>
      messagesAround(gateway, { ...OLDEST, filter, first: 3, aroundTime: second(at) });
    expect(await around(0)).toEqual(numbers(100, 102));
    expect(await around(950)).toEqual(numbers(898, 900));
    expect(await around(500)).toEqual(numbers(499, 501));
  });
});

describe("a page around an event", () => {
  test("has the event as the first one after the middle, in both orders", async () => {
    const gateway = VirtualJob.ofLength(1_000).gateway();
    const aroundEvent = await idOf(gateway, "event 400");
    expect(await messagesAround(gateway, { ...OLDEST, first: 5, aroundEvent })).toEqual(numbers(398, 402));
    expect(await messagesAround(gateway, { first: 5, aroundEvent })).toEqual(numbers(402, 398));
    expect(await messagesAround(gateway, { page: { first: 1, aroundEvent } })).toEqual(["event 400"]);
  });

  test("shows the unfiltered context of an event that a filter found", async () => {
    const job = new VirtualJob([]);
    for (let index = 0; index < 3_000; index += 1) {
      const level = index % 500 === 7 ? "Error" : "Info";
      job.write({ timeMs: second(index >> 2).getTime(), level, message: `event ${index}` });
    }
    const errors = { filter: { levels: ["ERROR"] as const } };
    const found = await idOf(job.gateway(), "event 1507", errors);
    expect(await idOf(job.gateway(), "event 1507")).toBe(found);
    for (const gateway of [job.gateway(), job.gateway("auto")]) {
      job.upstream.takeCalls();
      const page = { ...OLDEST, first: 50, aroundEvent: found };
      expect(await messagesAround(gateway, page)).toEqual(numbers(1482, 1531));
      expect(job.upstream.takeCalls()).toEqual({ calls: 3, rounds: 2 });
    }
    // Under a filter that excludes the event, the middle is the position that it would have.
    const info = { filter: { levels: ["INFO"] as const }, ...OLDEST, first: 4, aroundEvent: found };
    expect(await messagesAround(job.gateway(), info)).toEqual(
      [1502, 1503, 1504, 1505].map((n) => `event ${n}`),
    );
    const text = { filter: { messageContains: "event 15" }, ...OLDEST, first: 3 };
    const other = await idOf(job.gateway(), "event 1600");
    expect(await messagesAround(job.gateway(), { ...text, aroundEvent: other })).toEqual(numbers(1597, 1599));
  });

  test("finds exact repeats one by one", async () => {
    const job = new VirtualJob([]);
    for (let index = 0; index < 260; index += 1) {
      const message = index >= 100 && index < 140 ? "again" : `event ${index}`;
      job.write({ timeMs: second(index < 95 ? index : 95).getTime(), message });
    }
    const { nodes } = await job.gateway().read({ ...OLDEST, first: 100, aroundTime: second(95) }, null, true);
    const ids = nodes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(100);
    const repeats = ids.filter((_, at) => nodes[at]?.message === "again");
    for (const [at, aroundEvent] of repeats.entries()) {
      const page = await job.gateway().read({ ...OLDEST, first: 80, aroundEvent }, null, true);
      expect(page.nodes[40]?.id).toBe(aroundEvent);
      expect(page.nodes.slice(40).filter(({ message }) => message === "again")).toHaveLength(40 - at);
    }
  });

  test("with an ID of another language is around the event's second", async () => {
    const job = new VirtualJob([]);
    for (let index = 0; index < 300; index += 1) {
      job.write({ timeMs: second(index).getTime(), message: `step ${index}`, messageZh: `步骤 ${index}` });
    }
    const gateway = job.gateway();
    const { nodes } = await gateway.read({ ...OLDEST, first: 100 }, "en-us", true);
    const aroundEvent = nodes[77]?.id ?? null;
    const page = await gateway.read({ ...OLDEST, first: 2, aroundEvent }, "zh-cn");
    expect(page.nodes.map(({ message }) => message)).toEqual(["步骤 76", "步骤 77"]);
  });

  test("that is gone gives CURSOR_EXPIRED with the nearest remaining event", async () => {
    const job = VirtualJob.ofLength(1_000);
    const gateway = job.gateway();
    const aroundEvent = await idOf(gateway, "event 50");
    job.trim(300);
    job.advanceClock(HEAD_TTL_MS + 1);
    for (const filter of [null, { messageContains: "event" }]) {
      const error = await refused(gateway.read({ filter, first: 4, aroundEvent }));
      expect(error).toMatchObject({ code: "CURSOR_EXPIRED", details: { argument: "aroundEvent" } });
      const again = { filter, ...OLDEST, first: 4, aroundEvent: error.details.resumeCursor ?? null };
      expect(await messagesAround(gateway, again)).toEqual(numbers(300, 303));
    }
    job.trim(700);
    job.advanceClock(HEAD_TTL_MS + 1);
    const error = await refused(gateway.read({ page: { first: 4, aroundEvent } }));
    expect(error.details).toEqual({ argument: "page.aroundEvent", resumeCursor: null });
  });

  test("with an invalid ID or one of another job is refused without a call", async () => {
    const job = VirtualJob.ofLength(200);
    const gateway = job.gateway();
    const { nodes, pageInfo } = await gateway.read({ first: 1 }, null, true);
    const id = nodes[0]?.id ?? "";
    expect(id).toMatch(/^[\w-]{20,40}$/);
    job.upstream.takeCalls();
    for (const aroundEvent of ["", "nonsense", `${id}x`, pageInfo.startCursor]) {
      const error = await refused(gateway.read({ aroundEvent }));
      expect(error).toMatchObject({ code: "INVALID_CURSOR", details: { argument: "aroundEvent" } });
    }
    expect((await refused(gateway.read({ after: id }))).code).toBe("INVALID_CURSOR");
    expect(job.upstream.takeCalls().calls).toBe(0);
  });
});

test.each([
  [{ aroundTime: second(1), aroundEvent: "x" }, "aroundEvent"],
  [{ aroundTime: second(1), after: "x" }, "aroundTime"],
  [{ aroundEvent: "x", before: "x" }, "aroundEvent"],
  [{ aroundTime: second(1), last: 3 }, "aroundTime"],
  [{ page: { aroundTime: second(1), last: 3 } }, "page.aroundTime"],
  [{ page: {}, aroundTime: second(1) }, "aroundTime"],
])("%j is bad input", async (page, argument) => {
  const error = await refused(VirtualJob.ofLength(1).gateway().read(page));
  expect(error).toMatchObject({ code: "BAD_USER_INPUT", details: { argument } });
});
