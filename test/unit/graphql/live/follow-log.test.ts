import { beforeEach, describe, expect, test } from "@jest/globals";
import { GatewayError } from "../../../../src/errors.js";
import { parseStreamArguments, type StreamArguments } from "../../../../src/paging/arguments.js";
import { VirtualClock } from "../../../support/virtual/virtual-clock.js";
import { HEAD_TTL_MS, STALE_MS, type VirtualGateway } from "../../../support/virtual/virtual-gateway.js";
import { VirtualJob } from "../../../support/virtual/virtual-job.js";
import { failingContext, VirtualStream } from "../../../support/virtual/virtual-stream.js";

const HEARTBEAT_MS = 15_000;

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
  await clock.pass(50);
  return stream;
}

const shape = ({ batches }: VirtualStream) => batches.map(({ edges, caughtUp }) => [edges.length, caughtUp]);
const unavailable = () => new GatewayError("UPSTREAM_UNAVAILABLE", "It fails.");

describe("begins", () => {
  test("now: with an empty batch that has the newest cursor, then with new events", async () => {
    const stream = await follow();
    expect(shape(stream)).toEqual([[0, true]]);
    expect(stream.endCursor).not.toBeNull();
    job.append(3);
    await clock.pass(HEAD_TTL_MS + 100);
    expect(stream.messages).toEqual(["written 1", "written 2", "written 3"]);
  });

  test("now, in an empty log", async () => {
    start(0);
    const stream = await follow();
    expect(shape(stream)).toEqual([[0, true]]);
    job.append(1);
    await clock.pass(HEAD_TTL_MS + 100);
    expect(stream.messages).toEqual(["written 1"]);
  });

  test.each([
    ["one log", null],
    ["several logs", { levels: ["WARNING" as const, "ERROR" as const] }],
  ])("the cursor of the beginning of %s without events loses no event", async (_what, filter) => {
    start(0);
    const stream = await follow({ filter });
    expect(shape(stream)).toEqual([[0, true]]);
    const { endCursor } = stream;
    stream.stop();
    await stream.ended;
    job.write({ level: "Error", message: "without followers" });
    await clock.pass(HEAD_TTL_MS + 100);
    const second = await follow({ filter, after: endCursor });
    expect(second.messages).toEqual(["without followers"]);
  });

  test("the cursor of the beginning of a log works for pages, too", async () => {
    start(0);
    const { endCursor: after } = await follow();
    job.append(3);
    await clock.pass(HEAD_TTL_MS + 100);
    const page = { order: "OLDEST_FIRST" as const, first: 2, after };
    expect((await gateway.read(page)).nodes.map(({ message }) => message)).toEqual([
      "written 1",
      "written 2",
    ]);
    expect((await gateway.read({ order: "OLDEST_FIRST", last: 2, before: after })).edges).toEqual([]);
    expect((await gateway.read({ order: "NEWEST_FIRST", first: 2, before: after })).totalCount).toBe(3);
    expect((await gateway.read({ order: "NEWEST_FIRST", last: 2, before: after })).nodes).toHaveLength(2);
  });

  test("with the last events", async () => {
    const stream = await follow({ last: 3 });
    expect(stream.messages).toEqual(["event 247", "event 248", "event 249"]);
    expect(shape(stream)).toEqual([[3, true]]);
  });

  test("after a cursor: with all existing events, in full batches without a pause", async () => {
    const [edge] = (await gateway.read({ order: "OLDEST_FIRST", first: 1 })).edges;
    const stream = await follow({ after: edge?.cursor ?? null });
    expect(shape(stream)).toEqual([
      [100, false],
      [100, false],
      [49, true],
    ]);
    expect(stream.messages).toEqual(job.messages().slice(1));
  });

  test("after the last event: with an empty batch", async () => {
    const after = (await gateway.read({ order: "NEWEST_FIRST", first: 1 })).pageInfo.endCursor;
    const stream = await follow({ after });
    expect(shape(stream)).toEqual([[0, true]]);
    expect(stream.endCursor).toBe(after);
  });
});

test("an interrupted stream continues after its last end cursor", async () => {
  const first = await follow({ last: 2 });
  job.append(2);
  await clock.pass(HEAD_TTL_MS + 100);
  first.stop();
  await first.ended;
  job.append(2);
  const second = await follow({ after: first.endCursor });
  await clock.pass(HEAD_TTL_MS + 100);
  expect([...first.messages, ...second.messages]).toEqual(job.messages().slice(-6));
});

describe("reads", () => {
  test("once in a head's lifetime, for any number of followers of the same log", async () => {
    const streams: VirtualStream[] = [];
    for (let count = 0; count < 50; count += 1) {
      streams.push(await follow());
      await clock.pass(37);
    }
    await clock.pass(2 * HEAD_TTL_MS);
    job.upstream.takeCalls();
    const lifetimes = 20;
    for (let count = 0; count < lifetimes; count += 1) {
      job.append(2);
      await clock.pass(HEAD_TTL_MS);
    }
    expect(job.upstream.takeCalls().calls).toBeLessThanOrEqual(lifetimes + 1);
    await clock.pass(HEAD_TTL_MS + 100);
    for (const { messages } of streams) expect(messages).toEqual(job.messages().slice(250));
  });

  test("new events within a head's lifetime plus the time of the upstream call", async () => {
    const stream = await follow();
    for (let count = 0; count < 10; count += 1) {
      await clock.pass(137 * count);
      const writtenAtMs = clock.nowMs();
      job.append(1);
      await clock.pass(2 * HEAD_TTL_MS);
      const shown = stream.batches.filter(({ edges }) => edges.length > 0).at(-1);
      expect((shown?.atMs ?? Infinity) - writtenAtMs).toBeLessThanOrEqual(HEAD_TTL_MS + 50);
    }
    expect(stream.messages).toHaveLength(10);
  });

  test("at most one batch ahead of a slow reader, and all events later", async () => {
    const after = (await gateway.read({ order: "OLDEST_FIRST", first: 1 })).pageInfo.endCursor;
    start(3_000);
    const stream = new VirtualStream(gateway, clock, { after });
    stream.hold();
    await clock.pass(60_000);
    expect(stream.batches).toHaveLength(1);
    expect(job.upstream.takeCalls().calls).toBeLessThanOrEqual(4);
    stream.goOn();
    await clock.pass(1_000);
    expect(stream.messages).toEqual(job.messages().slice(1));
  });

  test("nothing after it is stopped", async () => {
    const stream = await follow();
    stream.stop();
    await stream.ended;
    expect(stream.error).toBeNull();
    expect(clock.waits).toBe(0);
    job.upstream.takeCalls();
    await clock.pass(60_000);
    expect(job.upstream.takeCalls().calls).toBe(0);
  });
});

test("a heartbeat is sent after a time without other batches", async () => {
  const stream = await follow();
  await clock.pass(3 * HEARTBEAT_MS);
  expect(shape(stream)).toEqual([
    [0, true],
    [0, true],
    [0, true],
    [0, true],
  ]);
  const [first, second] = stream.batches;
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBe(HEARTBEAT_MS);
  expect(second?.endCursor).toBe(first?.endCursor);
});

describe("an upstream with a temporary failure", () => {
  test("is waited for, with heartbeats that do not claim to be at the end", async () => {
    const stream = await follow();
    job.append(1);
    // At first the last reading is served stale, so the earlier pages are from before the failure.
    await clock.pass(STALE_MS / 2);
    job.upstream.failures = Array.from({ length: 10_000 }, unavailable);
    job.append(1);
    await clock.pass(STALE_MS / 2);
    job.upstream.failures = [];
    await clock.pass(60_000);
    expect(stream.error).toBeNull();
    expect(stream.messages).toEqual(["written 1", "written 2"]);
    const meanwhile = stream.batches.filter(({ edges, caughtUp }) => edges.length === 0 && !caughtUp);
    expect(meanwhile.length).toBeGreaterThan(5);
    expect(stream.batches.at(-1)?.caughtUp).toBe(true);
  });

  test("never makes a batch claim to be at the end", async () => {
    const [edge] = (await gateway.read({ order: "NEWEST_FIRST", first: 1 })).edges;
    let reads = 0;
    const stream = new VirtualStream(
      gateway,
      clock,
      { last: 1 },
      {
        begin: (signal) => {
          reads += 1;
          const context = reads === 1 ? gateway.contextFor(signal) : failingContext(unavailable);
          return Promise.resolve({ context, end: () => undefined });
        },
      },
    );
    await clock.pass(50);
    const unknown = { edges: [], endCursor: edge?.cursor, caughtUp: false, isStale: true };
    expect(stream.batches).toMatchObject([{ edges: [edge], caughtUp: true, isStale: false }, unknown]);
    await clock.pass(HEARTBEAT_MS);
    expect(stream.batches.slice(2)).toMatchObject([unknown]);
    stream.stop();
  });

  test("is reported at once, and so is its end", async () => {
    const stream = await follow({ last: 1 });
    const before = stream.batches.length;
    await clock.pass(2 * HEAD_TTL_MS);
    job.upstream.failures = Array.from({ length: 10_000 }, unavailable);
    await clock.pass(3 * HEAD_TTL_MS);
    expect(stream.batches.slice(before)).toMatchObject([{ edges: [], caughtUp: false, isStale: true }]);
    job.upstream.failures = [];
    await clock.pass(HEARTBEAT_MS / 2);
    expect(stream.batches.slice(before + 1)).toMatchObject([{ edges: [], caughtUp: true, isStale: false }]);
    stream.stop();
  });

  test("is waited for from the start, with a heartbeat at once", async () => {
    job.upstream.failures = [unavailable()];
    const stream = await follow({ last: 1 });
    expect(shape(stream)).toEqual([[0, false]]);
    await clock.pass(HEAD_TTL_MS + 100);
    expect(stream.messages).toEqual(["event 249"]);
  });

  test("ends the stream at last, after tries with growing pauses", async () => {
    job.upstream.failures = Array.from({ length: 10_000 }, unavailable);
    const stream = await follow();
    await clock.pass(STALE_MS + 60_000);
    expect(stream.error).toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
    expect(job.upstream.takeCalls().calls).toBeLessThan(20);
  });

  test("is not called before its Retry-After", async () => {
    job.upstream.failures = [new GatewayError("RATE_LIMITED", "Later.", { retryAfterMs: 20_000 })];
    const stream = await follow({ last: 1 });
    await clock.pass(19_000);
    expect(job.upstream.takeCalls().calls).toBe(1);
    await clock.pass(2_000);
    expect(stream.messages).toEqual(["event 249"]);
  });
});

describe("ends with", () => {
  test("a permanent failure", async () => {
    const stream = await follow();
    job.upstream.failures = [new GatewayError("FORBIDDEN", "No more.")];
    await clock.pass(HEAD_TTL_MS + 100);
    expect(stream.error).toMatchObject({ code: "FORBIDDEN" });
  });

  test("CURSOR_EXPIRED with resumeCursor, if the upstream has trimmed the next events", async () => {
    const after = (await gateway.read({ order: "OLDEST_FIRST", first: 1 })).pageInfo.endCursor;
    job.trim(10);
    const stream = await follow({ after });
    expect(stream.error).toMatchObject({ code: "CURSOR_EXPIRED" });
    expect((stream.error as GatewayError).details.resumeCursor).toEqual(expect.any(String));
  });

  test.each([
    [{ last: -1 }, "last"],
    [{ last: 101 }, "last"],
    [{ after: "EA", last: 1 }, "last"],
    [{ filter: { levels: [] } }, "filter.levels"],
  ])("BAD_USER_INPUT for %j", (args, argument) => {
    const parse = () => parseStreamArguments(args);
    expect(parse).toThrow(GatewayError);
    try {
      parse();
    } catch (error) {
      expect(error).toMatchObject({ code: "BAD_USER_INPUT", details: { argument } });
    }
  });

  test("INVALID_CURSOR for an invalid cursor", async () => {
    const stream = await follow({ after: "nonsense" });
    expect(stream.error).toMatchObject({ code: "INVALID_CURSOR" });
    expect(job.upstream.takeCalls().calls).toBe(0);
  });
});
