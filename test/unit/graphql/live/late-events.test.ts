import { beforeEach, describe, expect, test } from "@jest/globals";
import { firstBatch, nextBatch, type StreamReads } from "../../../../src/graphql/live/next-batch.js";
import { parseStreamArguments, type StreamArguments } from "../../../../src/paging/arguments.js";
import { type EventConnection } from "../../../../src/paging/connection.js";
import { parseFilter } from "../../../../src/paging/filter.js";
import { VirtualClock } from "../../../support/virtual/virtual-clock.js";
import { HEAD_TTL_MS, type VirtualGateway } from "../../../support/virtual/virtual-gateway.js";
import { VirtualJob } from "../../../support/virtual/virtual-job.js";
import { QUIET_INTERVAL_MS, VirtualStream } from "../../../support/virtual/virtual-stream.js";

let job: VirtualJob;
let clock: VirtualClock;
let gateway: VirtualGateway;
const start = (length: number): void => {
  job = VirtualJob.ofLength(length);
  clock = new VirtualClock(job.upstream);
  gateway = job.gateway();
};
beforeEach(() => {
  start(250);
});

async function follow(args: Partial<StreamArguments> = {}): Promise<VirtualStream> {
  const stream = new VirtualStream(gateway, clock, args);
  await clock.pass(100);
  return stream;
}
const untilRead = (): Promise<void> => clock.pass(HEAD_TTL_MS + 600);

describe("an event that arrives with an older time", () => {
  test.each([249, 240, 200, 152])(
    "is sent in lateEdges if it is among the newest 100: second %i",
    async (second) => {
      const stream = await follow();
      job.insertLate(second);
      await untilRead();
      expect(stream.lateMessages).toEqual(["written 1"].slice(second === 249 ? 1 : 0));
      expect(stream.messages).toEqual(second === 249 ? ["written 1"] : []);
      expect(stream.missed).toBe(0);
      job.append(1);
      await untilRead();
      expect(stream.messages.at(-1)).toBe("written 2");
      expect(stream.missed).toBe(0);
    },
  );

  test.each([0, 100, 140])("is counted as missed if it is too old to be sent: second %i", async (second) => {
    const stream = await follow();
    job.insertLate(second);
    await untilRead();
    expect(stream.lateMessages).toEqual([]);
    expect(stream.missed).toBe(1);
    await untilRead();
    expect(stream.missed).toBe(1);
  });

  test("is sent together with new events of the same reading, each once", async () => {
    const stream = await follow({ last: 2 });
    job.insertLate(230);
    job.append(3);
    job.insertLate(10);
    job.insertLate(231);
    await untilRead();
    expect(stream.messages).toEqual(["event 248", "event 249", "written 2", "written 3", "written 4"]);
    expect(stream.lateMessages).toEqual(["written 1", "written 6"]);
    expect(stream.missed).toBe(1);
    expect(stream.endCursor).toBe(
      (await gateway.read({ order: "NEWEST_FIRST", first: 1 })).pageInfo.startCursor,
    );
  });

  test("is distinguished from exact repeats of its second", async () => {
    start(0);
    for (let count = 0; count < 3; count += 1) job.insertLate(5, { message: "same" });
    job.insertLate(6, { message: "end" });
    const stream = await follow();
    job.insertLate(5, { message: "same" });
    await untilRead();
    expect(stream.lateMessages).toEqual(["same"]);
    expect(stream.missed).toBe(0);
  });

  test("of another log of the filter is found, too", async () => {
    start(0);
    for (let second = 0; second < 20; second += 1) {
      job.insertLate(second, { message: `event ${second}`, level: second % 2 === 0 ? "Error" : "Warning" });
    }
    const stream = await follow({ filter: { levels: ["WARNING", "ERROR"] } });
    job.insertLate(7, { message: "late", level: "Error" });
    await untilRead();
    expect([...stream.lateMessages, stream.missed]).toEqual(["late", 0]);
  });
});

test("an event that arrived while the stream was interrupted is counted once", async () => {
  const first = await follow();
  first.stop();
  job.insertLate(240);
  job.append(1);
  await clock.pass(HEAD_TTL_MS);
  const second = await follow({ after: first.endCursor });
  expect(second.messages).toEqual(["written 2"]);
  expect(second.missed).toBe(1);
  second.stop();
  const third = await follow({ after: second.endCursor });
  await untilRead();
  expect(third.missed).toBe(0);
});

test("a late event is counted once although nothing else was written during the interruption", async () => {
  const first = await follow();
  first.stop();
  job.insertLate(240);
  await clock.pass(HEAD_TTL_MS);
  const second = await follow({ after: first.endCursor });
  await clock.pass(QUIET_INTERVAL_MS);
  expect(second.missed).toBe(1);
  second.stop();
  const third = await follow({ after: second.endCursor });
  await clock.pass(QUIET_INTERVAL_MS);
  expect(third.missed).toBe(0);
});

test.each(Array.from({ length: 16 }, (_, index) => index + 1))(
  "late events between any two of %d calls are all counted",
  async (calls) => {
    start(160);
    const stream = await follow();
    job.upstream.before = Array.from({ length: calls }, () => () => {
      job.insertLate(10);
    });
    for (let round = 0; round < 10; round += 1) await clock.pass(QUIET_INTERVAL_MS);
    expect(job.upstream.before).toEqual([]);
    expect([stream.lateMessages.length, stream.missed]).toEqual([0, calls]);
  },
);

describe("late events before the first events of a page", () => {
  const subject = { job: { id: "job", projectId: "project" }, filter: parseFilter(null) };
  const place = { endCursor: "before", caughtUp: true, asOfMs: 0, isStale: false, window: ["known"] };

  /** The reads of a log with new events, before which two have arrived late. Each page shows one event more. */
  function readsOf(count: number, freshForMs: number | null): StreamReads {
    let totalCount = 9;
    const node = { time: "2026-01-01T00:00:00Z", level: "INFO", source: "JOB", message: "new" };
    const readPage = (): EventConnection => {
      totalCount += 1;
      const edges = Array.from({ length: count }, () => ({ cursor: `behind ${totalCount}`, node }));
      const endCursor = edges.at(-1)?.cursor ?? null;
      const pageInfo = { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor };
      const page = { edges, nodes: [], pageInfo, totalCount, asOf: "2026-01-01T00:00:00Z", isStale: false };
      return { ...page, anchorShift: 2 } as unknown as EventConnection;
    };
    return { readPage, freshForMs: () => freshForMs };
  }

  test.each([
    ["counted with a stale page", null, 1, 2],
    ["counted if the log grows between the two readings", 100, 1, 2],
    ["left to the next batch if there are no events", 100, 0, 0],
  ] as const)("are %s", async (_name, freshForMs, count, missed) => {
    const next = await nextBatch(subject, place, readsOf(count, freshForMs), true);
    const first = await firstBatch(
      subject,
      parseStreamArguments({ after: "before" }),
      readsOf(count, freshForMs),
    );
    expect([next.batch.missed, first.batch.missed]).toEqual([missed, missed]);
    expect(next.place.endCursor).toBe(count === 0 ? "before" : "behind 10");
  });
});

test("an event that was sent late is not counted when the stream resumes", async () => {
  const first = await follow();
  job.insertLate(240);
  await untilRead();
  expect(first.lateMessages).toEqual(["written 1"]);
  first.stop();
  const second = await follow({ after: first.endCursor });
  await untilRead();
  expect([second.missed, second.lateMessages.length]).toEqual([0, 0]);
});

test("events that are trimmed away are neither late nor missed", async () => {
  const stream = await follow();
  job.trim(20);
  await untilRead();
  job.append(1);
  await untilRead();
  expect([stream.lateMessages.length, stream.missed]).toEqual([0, 0]);
  job.insertLate(240);
  await untilRead();
  expect([stream.lateMessages.length, stream.missed]).toEqual([1, 0]);
});

test("a client that reads slowly gets the late events of its pause", async () => {
  const stream = await follow();
  stream.hold();
  job.append(1);
  await untilRead();
  job.insertLate(240);
  await untilRead();
  stream.goOn();
  await untilRead();
  expect(stream.messages).toEqual(["written 1"]);
  expect(stream.lateMessages).toEqual(["written 2"]);
});
