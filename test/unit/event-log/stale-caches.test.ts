import { expect, test } from "@jest/globals";
import { type EventsArguments } from "../../../src/paging/arguments.js";
import { START_MS, VirtualJob } from "../../support/virtual/virtual-job.js";

const OLDEST: Partial<EventsArguments> = { order: "OLDEST_FIRST" };

test("a short block of an old cache is read again when a newer total counts more rows in it", async () => {
  const job = VirtualJob.ofLength(96);
  const [behind, ahead] = [job.gateway(), job.gateway()];
  await behind.read({ ...OLDEST, first: 100 });
  for (let index = 0; index < 12; index += 1)
    job.write({ timeMs: START_MS + 500_000, message: "same second" });
  const { edges } = await ahead.read({ ...OLDEST, last: 8 });
  const rest = await behind.read({ ...OLDEST, first: 66, after: edges[0]?.cursor ?? null });
  expect(rest.edges).toEqual(edges.slice(1));
});

test("an old cache does not take a log that only grew for a new log", async () => {
  const job = new VirtualJob([]);
  const write = (second: number, level: string): void => {
    job.write({ timeMs: START_MS + second * 1000, level });
  };
  for (let second = 0; second < 30; second += 1) write(second, second % 3 === 0 ? "Error" : "Info");
  write(40, "Info");
  write(41, "Error");
  const [behind, ahead] = [job.gateway(), job.gateway()];
  const filter = { levels: ["INFO" as const, "ERROR" as const] };
  await behind.read({ ...OLDEST, filter, first: 100 });
  job.trim(30);
  const first = await ahead.read({ ...OLDEST, filter, first: 1 });
  const next = await behind.read({ ...OLDEST, filter, first: 10, after: first.pageInfo.endCursor });
  expect(next.nodes.map(({ time }) => time)).toEqual([new Date(START_MS + 41_000).toISOString()]);
});

test("a shift hidden by exact repeats at a block boundary is detected", async () => {
  const job = new VirtualJob(Array.from({ length: 97 }, (_, index) => index));
  for (let repeat = 0; repeat < 3; repeat += 1) job.write({ timeMs: START_MS + 200_000, message: "again" });
  for (let second = 201; second < 270; second += 1) job.write({ timeMs: START_MS + second * 1000 });
  const gateway = job.gateway();
  const { pageInfo } = await gateway.read({ ...OLDEST, first: 68 });
  // The third repeat is the last row of the first block; now the second one is the first row of the next.
  job.insertLate(0);
  const page = await gateway.read({ ...OLDEST, first: 99, after: pageInfo.endCursor });
  expect(page.nodes.map(({ message }) => message)).toEqual(job.messages().slice(69, 168));
});
