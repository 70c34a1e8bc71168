import { describe, expect, test } from "@jest/globals";
import { noLock } from "../../../src/cache/flight-lock.js";
import { createMemoryStore } from "../../../src/cache/memory-store.js";
import { createTieredStore } from "../../../src/cache/tiered-store.js";
import { GatewayError } from "../../../src/errors.js";
import { type EventsArguments } from "../../../src/paging/arguments.js";
import { HEAD_TTL_MS, SETTLED_TTL_MS, VirtualGateway } from "../../support/virtual/virtual-gateway.js";
import { START_MS, VirtualJob } from "../../support/virtual/virtual-job.js";

const OLDEST: Partial<EventsArguments> = { order: "OLDEST_FIRST" };
const unavailable = (): GatewayError =>
  new GatewayError("UPSTREAM_UNAVAILABLE", "The virtual upstream fails.");

/** The cursor of the event of a second, from a process of its own. */
async function cursorAt(
  job: VirtualJob,
  second: number,
  offset: "row" | "page" = "row",
): Promise<string | null> {
  const aroundTime = new Date(START_MS + second * 1_000);
  return (await job.gateway(offset).read({ ...OLDEST, first: 1, aroundTime })).pageInfo.startCursor;
}

/** The newest and the oldest events, in one operation. The oldest block is read first. */
async function readBothEnds(gateway: VirtualGateway): Promise<void> {
  await gateway.readAll([{ ...OLDEST, first: 10 }, { first: 10 }]);
}

/** A late event that the second one of the next calls shows, but the first one does not. */
function lateEventBeforeSecondCall(job: VirtualJob): (() => void)[] {
  return [
    () => undefined,
    () => {
      job.insertLate(210);
    },
  ];
}

async function messagesOf(gateway: VirtualGateway, page: Partial<EventsArguments>): Promise<string[]> {
  return (await gateway.read(page)).nodes.map(({ message }) => message);
}

describe("the oldest rows and the newest rows are read again at the same time", () => {
  test("counts from before a trim are not used, although late events keep the total the same", async () => {
    const job = VirtualJob.ofLength(900);
    const gateway = job.gateway();
    expect((await gateway.readFacets({ first: 10 })).levels).toMatchObject({ ERROR: 0 });
    job.advanceClock(HEAD_TTL_MS + 1);
    job.trim(2);
    job.insertLate(500, { level: "Error" });
    job.insertLate(500, { level: "Error" });
    await readBothEnds(gateway);
    expect((await gateway.readFacets({ first: 10 })).levels).toMatchObject({ ERROR: 2 });
  });

  test("a detected trim is kept if another process that shares Redis stores a later head", async () => {
    const job = VirtualJob.ofLength(900);
    const nowMs = (): number => job.upstream.nowMs;
    const memory = () => createMemoryStore({ maxBytes: 16 * 1024 * 1024, nowMs });
    const remote = memory();
    const process = (): VirtualGateway => {
      const store = createTieredStore(memory(), remote, nowMs);
      return new VirtualGateway(job.upstream, "row", { shared: { store, lock: noLock, name: "shared" } });
    };
    const [one, other] = [process(), process()];
    await one.readFacets({ first: 10 });
    await other.read({ first: 10 });
    job.advanceClock(HEAD_TTL_MS + 1);
    job.trim(1);
    job.insertLate(500, { level: "Error" });
    await Promise.all([readBothEnds(one), other.read({ first: 10 })]);
    job.advanceClock(HEAD_TTL_MS + 1);
    await other.read({ first: 10 });
    expect((await one.readFacets({ first: 10 })).levels).toMatchObject({ ERROR: 1 });
  });

  test("a page between both ends then needs no call", async () => {
    const job = VirtualJob.ofLength(900);
    const after = await cursorAt(job, 500);
    const gateway = job.gateway();
    await gateway.read({ first: 10 });
    await gateway.read({ ...OLDEST, first: 10, after });
    job.advanceClock(HEAD_TTL_MS + 1);
    await readBothEnds(gateway);
    job.upstream.takeCalls();
    await gateway.read({ ...OLDEST, first: 10, after });
    expect(job.upstream.takeCalls().calls).toBe(0);
  });
});

describe("the first reading of the newest rows does not settle", () => {
  test("an older block if the new total includes a late event", async () => {
    const job = VirtualJob.ofLength(500);
    const after = await cursorAt(job, 205);
    const gateway = job.gateway();
    await gateway.read({ ...OLDEST, first: 10 });
    await gateway.read({ ...OLDEST, first: 10, after });
    job.insertLate(210);
    await gateway.read({ first: 10 });
    job.advanceClock(HEAD_TTL_MS + 1);
    expect(await messagesOf(gateway, { ...OLDEST, first: 10, after })).toContain("written 1");
  });

  test("a block that was read while a late event arrived", async () => {
    const job = VirtualJob.ofLength(520);
    const [middle, end] = [await cursorAt(job, 205), await cursorAt(job, 505)];
    const gateway = job.gateway();
    const page = { ...OLDEST, first: 10, after: middle };
    await gateway.read({ ...OLDEST, first: 10 });
    job.upstream.before = lateEventBeforeSecondCall(job);
    await gateway.readAll([page, { ...OLDEST, first: 10, after: end }]);
    job.advanceClock(HEAD_TTL_MS + 1);
    expect(await messagesOf(gateway, page)).toContain("written 1");
  });

  test("a block that was read at the same time as the oldest block while a late event arrived", async () => {
    const job = VirtualJob.ofLength(520);
    const gateway = job.gateway();
    const page = { ...OLDEST, first: 10, after: await cursorAt(job, 205) };
    job.upstream.before = lateEventBeforeSecondCall(job);
    await gateway.readAll([page, { ...OLDEST, first: 10 }]);
    await gateway.read({ first: 10 });
    job.advanceClock(HEAD_TTL_MS + 1);
    expect(await messagesOf(gateway, page)).toContain("written 1");
  });

  test("an older block with different rows, even if the total is the same", async () => {
    const job = VirtualJob.ofLength(150);
    const after = await cursorAt(job, 120);
    const gateway = job.gateway();
    await gateway.read({ ...OLDEST, first: 10 });
    job.trim(1);
    job.insertLate(110);
    await gateway.read({ ...OLDEST, first: 10, after });
    expect((await gateway.read({ ...OLDEST, first: 10 })).nodes[0]?.message).toBe("event 1");
  });
});

test("the first reading of the oldest rows does not settle a block that was read while events were replaced", async () => {
  const job = VirtualJob.ofLength(520);
  const [middle, end] = [await cursorAt(job, 205), await cursorAt(job, 505)];
  const gateway = job.gateway();
  const page = { ...OLDEST, first: 10, after: middle };
  await gateway.read({ ...OLDEST, first: 10, after: end });
  job.upstream.before = [
    () => undefined,
    () => {
      job.trim(1);
      job.insertLate(210);
    },
  ];
  await gateway.readAll([page, { ...OLDEST, first: 10 }]);
  job.advanceClock(HEAD_TTL_MS + 1);
  expect(await messagesOf(gateway, page)).toContain("written 1");
});

test("after two blocks have contradicted each other, the older one is not served stale", async () => {
  const job = VirtualJob.ofLength(400);
  const after = await cursorAt(job, 90);
  const gateway = job.gateway();
  await gateway.read({ first: 10 });
  await gateway.read({ ...OLDEST, first: 50 });
  job.trim(5);
  job.upstream.before = [
    () => undefined,
    () => {
      job.upstream.failures = Array.from({ length: 100 }, unavailable);
    },
  ];
  await expect(gateway.read({ ...OLDEST, first: 50, after })).rejects.toThrow(GatewayError);
  expect(job.upstream.before).toEqual([]);
  job.advanceClock(HEAD_TTL_MS + 1);
  await expect(gateway.read({ ...OLDEST, first: 50 })).rejects.toMatchObject({
    code: "UPSTREAM_UNAVAILABLE",
  });
});

describe("a newest page within the lifetime of the head", () => {
  test("has the new events that a page in the middle has counted", async () => {
    const job = VirtualJob.ofLength(500);
    const after = await cursorAt(job, 205);
    const gateway = job.gateway();
    await gateway.read({ first: 10 });
    job.append(3);
    expect((await gateway.read({ ...OLDEST, first: 10, after })).totalCount).toBe(503);
    const { nodes, totalCount } = await gateway.read({ first: 10 });
    expect([nodes[0]?.message, totalCount]).toEqual(["written 3", 503]);
  });

  test("has the new events if the oldest page has shown that as many were trimmed", async () => {
    const job = VirtualJob.ofLength(500);
    const gateway = job.gateway();
    await gateway.read({ ...OLDEST, first: 10 });
    job.advanceClock(0.75 * HEAD_TTL_MS);
    await gateway.read({ first: 10 });
    job.advanceClock(0.3 * HEAD_TTL_MS);
    job.trim(5);
    job.append(5);
    expect((await gateway.read({ ...OLDEST, first: 10 })).nodes[0]?.message).toBe("event 5");
    expect((await gateway.read({ first: 10 })).nodes[0]?.message).toBe("written 5");
  });
});

test.each([
  ["row", SETTLED_TTL_MS],
  ["page", 5 * HEAD_TTL_MS],
] as const)(
  "with %s offsets, a late event that neither end of the log shows is on its page after %d ms",
  async (offset, lifetimeMs) => {
    const job = new VirtualJob([]);
    job.upstream.simulation.set({ pageOffsets: offset === "page" });
    // A trim of one of these does not show.
    for (let repeat = 0; repeat < 150; repeat += 1) job.write({ timeMs: START_MS, message: "again" });
    for (let second = 1; second <= 500; second += 1) job.write({ timeMs: START_MS + second * 1_000 });
    const after = await cursorAt(job, 270, offset);
    const gateway = job.gateway(offset);
    await gateway.read({ first: 10 });
    const first = await gateway.read({ ...OLDEST, first: 10, after });
    job.trim(1);
    job.insertLate(275, { message: "late" });
    job.advanceClock(lifetimeMs - 2 * HEAD_TTL_MS);
    job.upstream.takeCalls();
    expect((await gateway.read({ ...OLDEST, first: 10, after })).nodes).toEqual(first.nodes);
    expect(job.upstream.takeCalls().calls).toBe(2);
    job.advanceClock(2 * HEAD_TTL_MS);
    expect(await messagesOf(gateway, { ...OLDEST, first: 10, after })).toContain("late");
  },
);

test("a page of a log that has lost its newest events is not refused because of a block from before", async () => {
  const job = VirtualJob.ofLength(450);
  const after = await cursorAt(job, 330);
  const gateway = job.gateway();
  await gateway.read({ ...OLDEST, first: 10, after });
  job.upstream.lags = Array.from({ length: 100 }, () => 30);
  const { nodes, pageInfo } = await gateway.read({ ...OLDEST, first: 100, after });
  expect(nodes.at(-1)?.message).toBe("event 419");
  expect(pageInfo.hasNextPage).toBe(false);
});
