import { expect, test } from "@jest/globals";
import { type FlightLock, noLock, type Turn } from "../../../src/cache/flight-lock.js";
import { grantKey, createTenancy } from "../../../src/cache/keys.js";
import { BudgetExceeded } from "../../../src/event-log/budget/budget.js";
import { type EventLog, type ReadCall } from "../../../src/event-log/event-log.js";
import { createLogNames } from "../../../src/event-log/log-names.js";
import { SharedReads, type PartRequest } from "../../../src/event-log/shared-reads.js";
import { parseFilter } from "../../../src/paging/filter.js";

const tenancy = createTenancy({ secret: "a", upstream: "b" });
const JOB = { projectId: "p", jobId: "j" };
const caller = tenancy.callerOf(null);
const [name] = createLogNames(tenancy)(JOB, parseFilter(null), "en-us").names;

function log(): EventLog {
  if (name === undefined) throw new Error("A filter has a log.");
  return {
    ...name,
    grantKey: grantKey({ ...JOB, tenant: tenancy.tenant }, caller),
    caller,
    credentials: { kind: "none" },
  };
}

function call(requestId: string): ReadCall {
  return {
    requestId,
    startedAtMs: 10_000,
    acceptedSinceMs: 10_000,
    maxAgeMs: null,
    renewalWait: "unlimited",
    signal: new AbortController().signal,
    deadlineMs: () => Infinity,
    lookedUp: new Map(),
    report: () => undefined,
    countUpstreamCall: () => undefined,
  };
}

const anyone = { isGranted: () => true, isOthersRefusal: () => false, ensure: () => Promise.resolve() };

test("a caller that joins a read does not get rows that are too old for it", async () => {
  const turns: ((turn: Turn) => void)[] = [];
  const lock: FlightLock = () =>
    new Promise((resolve) => {
      turns.push(resolve);
    });
  const reads = new SharedReads<number>(lock, anyone, () => 10_000);
  // Another process has read it at 9,000, which is near as soon as the lock has found it.
  const want = (sinceMs: number): PartRequest<number> => ({
    log: log(),
    part: "1",
    sinceMs,
    local: () => (sinceMs <= 9_000 ? 9_000 : null),
    read: () => Promise.resolve(10_000),
  });
  const content = reads.read(want(8_500), call("leads"));
  const strict = reads.read(want(9_500), call("joins"));
  expect(turns).toHaveLength(1);
  turns[0]?.({ kind: "found", waited: false });
  expect(await content).toEqual({ value: 9_000, outcome: "redis" });
  turns[1]?.({ kind: "own", leave: () => undefined });
  expect(await strict).toEqual({ value: 10_000, outcome: "upstream" });
});

test("a caller that has used its budget does not make other callers' reads fail", async () => {
  const reads = new SharedReads<number>(noLock, anyone, () => 10_000);
  let refuse: (error: Error) => void = () => undefined;
  const want = (payer: string, read: () => Promise<number>): PartRequest<number> => ({
    log: { ...log(), credentials: { kind: "none", caller: payer } },
    part: "1",
    sinceMs: 9_000,
    local: () => null,
    read,
  });
  const led = new Promise<number>((_resolve, reject) => (refuse = reject));
  const mine = reads.read(
    want("mine", () => led),
    call("leads"),
  );
  const same = reads.read(
    want("mine", () => Promise.resolve(1)),
    call("joins too"),
  );
  const other = reads.read(
    want("other", () => Promise.resolve(2)),
    call("joins"),
  );
  const error = new BudgetExceeded("mine", 5, 30_000);
  refuse(error);
  await expect(mine).rejects.toBe(error);
  await expect(same).rejects.toBe(error);
  expect(await other).toEqual({ value: 2, outcome: "upstream" });
});
