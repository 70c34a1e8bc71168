import { describe, expect, test } from "@jest/globals";
import { type EventsArguments } from "../../../../src/paging/arguments.js";
import { type VirtualGateway } from "../../../support/virtual/virtual-gateway.js";
import { VirtualJob } from "../../../support/virtual/virtual-job.js";

const CAP = 500;

/** A log at its cap to which events are written, a few before each call is answered, while its old end is trimmed. */
function rollingJob(perCall: number): VirtualJob {
  const job = VirtualJob.ofLength(CAP);
  job.upstream.latencyMs = 100;
  const roll = (): void => {
    job.append(perCall);
    job.trim(perCall);
    job.upstream.before.push(roll);
  };
  job.upstream.before = [roll];
  return job;
}

/** The place of an event among all that were ever written. */
function placeOf({ message }: { readonly message: string }): number {
  const [kind, number] = message.split(" ");
  return kind === "event" ? Number(number) : CAP - 1 + Number(number);
}

/** Walks to the end of the log. */
async function walk(gateway: VirtualGateway, page: Partial<EventsArguments>): Promise<number[]> {
  return (await gateway.walk(page)).map((message) => placeOf({ message }));
}

describe.each([1, 2, 5])("a log at its cap that rolls by %d events a call", (perCall) => {
  test.each([
    [{ order: "NEWEST_FIRST", first: 20 }],
    [{ order: "NEWEST_FIRST", first: 50 }],
    [{ order: "NEWEST_FIRST", first: 100 }],
  ] as const)("is walked from its newest end by %j, each event once", async (page) => {
    const job = rollingJob(perCall);
    const places = await walk(job.gateway(), page);
    expect(places.length).toBeGreaterThan(CAP / 4);
    const newest = places[0] ?? 0;
    expect(places).toEqual(places.map((_, at) => newest - at));
  });

  test("shows its oldest page, and the one behind it", async () => {
    const gateway = rollingJob(perCall).gateway();
    const page = { order: "OLDEST_FIRST", first: 100 } as const;
    const first = await gateway.read(page);
    const second = await gateway.read({ ...page, after: first.pageInfo.endCursor });
    const places = [...first.nodes, ...second.nodes].map(placeOf);
    expect(places).toHaveLength(200);
    expect(places).toEqual(places.map((_, at) => (places[0] ?? 0) + at));
  });

  test("finds an event that has moved far since its cursor was taken", async () => {
    const job = rollingJob(perCall);
    const gateway = job.gateway();
    const { edges } = await gateway.read({ first: 10 });
    job.append(300);
    job.trim(300);
    job.advanceClock(60_000);
    const after = edges[9]?.cursor ?? null;
    const { nodes } = await gateway.read({ first: 30, after });
    const known = edges.slice(9).map(({ node }) => placeOf(node));
    expect(nodes.map(placeOf)).toEqual(Array.from({ length: 30 }, (_, at) => (known[0] ?? 0) - 1 - at));
  });
});

describe("a log that gets late events between any two calls", () => {
  const COUNT = 160;

  /**
   * A job to which events of these seconds are written before each call is answered.
   * @param totals gets the number of events at the time of each call
   */
  function lateJob(
    seconds: readonly number[],
    totals = new Map<number, number>(),
    count = COUNT,
  ): VirtualJob {
    const job = VirtualJob.ofLength(count);
    job.upstream.latencyMs = 100;
    const insertLate = (): void => {
      for (const second of seconds) job.insertLate(second);
      totals.set(job.upstream.nowMs, job.messages().length);
      job.upstream.before.push(insertLate);
    };
    job.upstream.before = [insertLate];
    return job;
  }

  test("shows its newest event on the last page of a walk from the oldest one", async () => {
    const job = lateJob([50, COUNT - 5]);
    const gateway = job.gateway();
    const page = { order: "OLDEST_FIRST", first: 100 } as const;
    const { pageInfo } = await gateway.read(page);
    const last = await gateway.read({ ...page, after: pageInfo.endCursor });
    expect(last.nodes.at(-1)?.message).toBe(`event ${COUNT - 1}`);
    expect(last.pageInfo.hasNextPage).toBe(false);
  });

  test("has a newest page that needs rows near the oldest one, but not the oldest one itself", async () => {
    const { nodes, pageInfo } = await lateJob([5], new Map(), 120).gateway().read({ first: 100 });
    expect(nodes.map(({ message }) => message)).toEqual(
      Array.from({ length: 100 }, (_, at) => `event ${119 - at}`),
    );
    expect(pageInfo.hasNextPage).toBe(true);
  });

  test("does not lack its oldest event if a late event has moved it up between two calls", async () => {
    const job = VirtualJob.ofLength(103);
    const insertLate = (): void => {
      job.insertLate(30);
    };
    const trim = (): void => {
      job.trim(20);
    };
    // The third attempt reads the newest rows after the trim, and the oldest ones after one more late event.
    job.upstream.before = [insertLate, insertLate, insertLate, trim, insertLate];
    const { nodes, pageInfo } = await job.gateway().read({ first: 100 });
    expect(job.upstream.before).toEqual([]);
    expect(nodes.map(({ message }) => message)).toEqual(job.messages().reverse());
    expect(pageInfo.hasNextPage).toBe(false);
  });

  test("has the total of the moment of its page, also if several calls were joined", async () => {
    const totals = new Map<number, number>();
    const gateway = lateJob([50, COUNT - 5], totals).gateway();
    const page = { order: "OLDEST_FIRST", first: 100 } as const;
    const { pageInfo } = await gateway.read(page);
    const { totalCount, asOf } = await gateway.read({ ...page, after: pageInfo.endCursor });
    expect(totalCount).toBe(totals.get(Date.parse(asOf)));
  });

  test("shows its oldest event on the last page of a walk from the newest one", async () => {
    const job = lateJob([5, COUNT - 2]);
    const gateway = job.gateway();
    const page = { order: "NEWEST_FIRST", first: 100 } as const;
    const { pageInfo } = await gateway.read(page);
    const last = await gateway.read({ ...page, after: pageInfo.endCursor });
    expect(last.nodes.at(-1)?.message).toBe("event 0");
    expect(last.pageInfo.hasNextPage).toBe(false);
  });
});
