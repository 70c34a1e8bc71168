import { beforeEach, describe, expect, test } from "@jest/globals";
import { BudgetExceeded } from "../../../../src/event-log/budget/budget.js";
import { GatewayError } from "../../../../src/errors.js";
import { type OperationContext } from "../../../../src/graphql/context.js";
import { type StreamArguments } from "../../../../src/paging/arguments.js";
import { VirtualClock } from "../../../support/virtual/virtual-clock.js";
import { HEAD_TTL_MS, type VirtualGateway } from "../../../support/virtual/virtual-gateway.js";
import { VirtualJob } from "../../../support/virtual/virtual-job.js";
import {
  failingContext,
  QUIET_INTERVAL_MS,
  VirtualStream,
  written,
} from "../../../support/virtual/virtual-stream.js";

let job: VirtualJob;
let clock: VirtualClock;
let gateway: VirtualGateway;
beforeEach(() => {
  job = VirtualJob.ofLength(250);
  clock = new VirtualClock(job.upstream);
  gateway = job.gateway();
});

async function followAll(count: number, args: Partial<StreamArguments> = {}): Promise<VirtualStream[]> {
  const streams: VirtualStream[] = [];
  for (let at = 0; at < count; at += 1) {
    streams.push(new VirtualStream(gateway, clock, args));
    await clock.pass(7);
  }
  await clock.pass(100);
  return streams;
}

test("a batch is written once for all streams at the end of a log", async () => {
  const streams = await followAll(250, { last: 1 });
  for (let round = 1; round <= 3; round += 1) {
    written.count = 0;
    job.append(2);
    await clock.pass(HEAD_TTL_MS + 100);
    expect(written.count).toBe(1);
  }
  for (const { messages } of streams) expect(messages).toEqual(job.messages().slice(249));
});

test("streams that begin anywhere join those at the end, without losing or repeating an event", async () => {
  const [edge] = (await gateway.read({ order: "OLDEST_FIRST", first: 1 })).edges;
  const streams: VirtualStream[] = [];
  for (let round = 0; round < 12; round += 1) {
    streams.push(
      new VirtualStream(gateway, clock, round % 2 === 0 ? { after: edge?.cursor ?? null } : { last: 3 }),
    );
    job.append(1);
    await clock.pass(333);
  }
  await clock.pass(2 * HEAD_TTL_MS);
  written.count = 0;
  job.append(1);
  await clock.pass(HEAD_TTL_MS + 100);
  expect(written.count).toBe(1);
  for (const [at, { messages }] of streams.entries()) {
    const all = job.messages();
    const expected = at % 2 === 0 ? all.slice(1) : all.slice(-messages.length);
    expect(messages).toEqual(expected);
  }
});

test("a client that does not read delays no other client, and gets everything later", async () => {
  const [slow, ...others] = await followAll(3, { last: 1 });
  slow?.hold();
  for (let round = 0; round < 5; round += 1) {
    job.append(1);
    await clock.pass(HEAD_TTL_MS + 100);
  }
  for (const { messages } of others) expect(messages).toEqual(job.messages().slice(249));
  expect(slow?.batches).toHaveLength(2);
  slow?.goOn();
  await clock.pass(HEAD_TTL_MS + 100);
  expect(slow?.messages).toEqual(job.messages().slice(249));
  written.count = 0;
  job.append(1);
  await clock.pass(HEAD_TTL_MS + 100);
  expect(slow?.messages).toEqual(job.messages().slice(249));
  // It has joined the others again.
  expect(written.count).toBe(1);
});

test("a log is no longer read when all clients have left, in any order", async () => {
  const streams = await followAll(5);
  for (const stream of streams) {
    stream.stop();
    await clock.pass(100);
  }
  job.upstream.takeCalls();
  await clock.pass(60_000);
  expect(job.upstream.takeCalls().calls).toBe(0);
  expect(clock.waits).toBe(0);
});

describe("the caller's authorization", () => {
  /** A stream whose operations have contexts that a test changes. */
  function streamWith(change: (context: OperationContext) => OperationContext): VirtualStream {
    return new VirtualStream(
      gateway,
      clock,
      { last: 1 },
      {
        begin: (signal) =>
          Promise.resolve({ context: change(gateway.contextFor(signal)), end: () => undefined }),
      },
    );
  }

  test("is checked again for a batch after the end of its validity", async () => {
    const endMs = clock.nowMs() + 30_000;
    const refused = () => failingContext(() => new GatewayError("UNAUTHENTICATED", "The JWT has expired."));
    const mine = streamWith((context) =>
      clock.nowMs() < endMs ? { ...context, authorizedUntilMs: endMs } : refused(),
    );
    const [other] = await followAll(1, { last: 1 });
    job.append(1);
    await clock.pass(HEAD_TTL_MS + 100);
    expect(mine.messages).toEqual(["event 249", "written 1"]);
    await clock.pass(30_000);
    job.append(1);
    await clock.pass(QUIET_INTERVAL_MS);
    expect(mine.error).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(mine.messages).toEqual(["event 249", "written 1"]);
    expect(other?.messages).toEqual(["event 249", "written 1", "written 2"]);
    expect(other?.error).toBeNull();
  });

  test("ends only the caller's own stream if the log is read with its token", async () => {
    let isRefused = false;
    const refusal = () => new GatewayError("FORBIDDEN", "No more.");
    const streams = [1, 2, 3].map(() =>
      streamWith((context) => (isRefused ? failingContext(refusal) : context)),
    );
    const [other] = await followAll(1, { last: 1 });
    isRefused = true;
    for (let round = 0; round < 4; round += 1) {
      job.append(1);
      await clock.pass(HEAD_TTL_MS + 100);
    }
    expect(streams.map(({ error }) => error)).toEqual(
      streams.map(() => expect.objectContaining({ code: "FORBIDDEN" })),
    );
    expect(other?.messages).toEqual(job.messages().slice(249));
    expect(other?.error).toBeNull();
  });

  test("and its budget end no stream: the log is read with another caller's credentials", async () => {
    let isOver = false;
    const over = () => new BudgetExceeded("payer", 1, 60_000);
    const poor = [1, 2, 3].map(() => streamWith((context) => (isOver ? failingContext(over) : context)));
    const [other] = await followAll(1, { last: 1 });
    isOver = true;
    for (let round = 0; round < 4; round += 1) {
      job.append(1);
      await clock.pass(HEAD_TTL_MS + 100);
    }
    for (const { error, messages } of [...poor, other].filter((stream) => stream !== undefined)) {
      expect(error).toBeNull();
      expect(messages).toEqual(job.messages().slice(249));
    }
  });

  test("and language separate the caller's stream from others", async () => {
    const mine = streamWith((context) => ({ ...context, viewer: () => "another" }));
    const [other] = await followAll(1, { last: 1 });
    written.count = 0;
    job.append(1);
    await clock.pass(HEAD_TTL_MS + 100);
    expect(written.count).toBe(2);
    expect(mine.messages).toEqual(other?.messages);
  });
});

describe("a followed log", () => {
  test("is read less often the longer it is quiet, and at the normal rate after a new event", async () => {
    const [stream] = await followAll(1);
    await clock.pass(200_000);
    job.upstream.takeCalls();
    await clock.pass(10 * QUIET_INTERVAL_MS);
    expect(job.upstream.takeCalls().calls).toBeLessThanOrEqual(11);
    job.append(1);
    await clock.pass(QUIET_INTERVAL_MS + 100);
    expect(stream?.messages).toEqual(["written 1"]);
    for (let round = 0; round < 5; round += 1) {
      const before = stream?.messages.length ?? 0;
      job.append(1);
      await clock.pass(HEAD_TTL_MS + 100);
      expect(stream?.messages).toHaveLength(before + 1);
    }
  });

  test.each([null, { levels: ["WARNING" as const, "ERROR" as const] }])(
    "that is quiet shows events at once that another operation has read (filter: %j)",
    async (filter) => {
      const [stream] = await followAll(1, { filter });
      await clock.pass(200_000);
      job.upstream.takeCalls();
      // The next reading is far away right after one.
      while (job.upstream.takeCalls().calls === 0) await clock.pass(100);
      await clock.pass(HEAD_TTL_MS + 100);
      job.write({ level: "Warning", message: "news" });
      await gateway.read({ filter });
      const { calls } = job.upstream.takeCalls();
      await clock.pass(1);
      expect(stream?.messages).toEqual(["news"]);
      expect(job.upstream.takeCalls().calls).toBe(0);
      expect(calls).toBeGreaterThan(0);
    },
  );

  test("that has been quiet for a minute shows a new event within a tenth of that time", async () => {
    const [stream] = await followAll(1);
    await clock.pass(60_000);
    job.append(1);
    await clock.pass(7_000);
    expect(stream?.messages).toEqual(["written 1"]);
  });
});
