import { describe, expect, test } from "@jest/globals";
import { GatewayError } from "../../../../src/errors.js";
import { createBulkhead } from "../../../../src/modelarts/calls/bulkhead.js";
import { callContext } from "../../../support/processes/modelarts-calls.js";

describe("a bulkhead", () => {
  test("allows `slots` tries at once, then first come, first served", async () => {
    const bulkhead = createBulkhead(2, 10);
    const order: string[] = [];
    const enter = async (name: string): Promise<() => void> => {
      const leave = await bulkhead.enter(callContext());
      order.push(name);
      return leave;
    };
    const a = enter("a");
    const b = enter("b");
    const c = enter("c");
    const d = enter("d");
    (await a)();
    // Comes after c and d, although a slot has just been given back.
    const e = enter("e");
    (await c)();
    const leaveD = await d;
    expect(order).toEqual(["a", "b", "c", "d"]);
    leaveD();
    (await e)();
    (await b)();
    expect(order).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("refuses at once when the queue is full", async () => {
    const bulkhead = createBulkhead(1, 1);
    const leave = await bulkhead.enter(callContext());
    const queued = bulkhead.enter(callContext());
    await expect(bulkhead.enter(callContext())).rejects.toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
    leave();
    (await queued)();
  });

  test("a waiter that leaves frees its place in the queue and takes no slot", async () => {
    const bulkhead = createBulkhead(1, 1);
    const leave = await bulkhead.enter(callContext());
    const reason = new GatewayError("UPSTREAM_TIMEOUT", "Enough.");
    const controller = new AbortController();
    const waiter = bulkhead.enter(callContext({ signal: controller.signal }));
    controller.abort(reason);
    await expect(waiter).rejects.toBe(reason);
    const next = bulkhead.enter(callContext());
    leave();
    (await next)();
    (await bulkhead.enter(callContext()))();
  });

  test("an abort after the turn has no effect", async () => {
    const bulkhead = createBulkhead(1, 1);
    const leave = await bulkhead.enter(callContext());
    const controller = new AbortController();
    const waiter = bulkhead.enter(callContext({ signal: controller.signal }));
    leave();
    controller.abort();
    (await waiter)();
    (await bulkhead.enter(callContext()))();
  });

  test("a call that was aborted before does not queue", async () => {
    const bulkhead = createBulkhead(1, 1);
    const leave = await bulkhead.enter(callContext());
    const call = callContext({ signal: AbortSignal.abort() });
    await expect(bulkhead.enter(call)).rejects.toMatchObject({
      code: "UPSTREAM_UNAVAILABLE",
      message: "The call to ModelArts was cancelled because no caller waited for its answer any more.",
    });
    leave();
    (await bulkhead.enter(callContext()))();
  });

  test("waiting ends at the deadline", async () => {
    const bulkhead = createBulkhead(1, 1);
    const leave = await bulkhead.enter(callContext());
    const deadlineMs = Date.now() + 15;
    await expect(bulkhead.enter(callContext({ deadlineMs: () => deadlineMs }))).rejects.toMatchObject({
      code: "UPSTREAM_TIMEOUT",
    });
    leave();
  });
});

describe("fair shares", () => {
  const of = (token: string, requestId: string) =>
    callContext({ credentials: { kind: "token", token }, requestId });

  test("a caller with 16 cold operations does not make another caller wait for all of them", async () => {
    const bulkhead = createBulkhead(1, 1_000);
    const leave = await bulkhead.enter(of("many", "running"));
    const order: string[] = [];
    const waiting: Promise<void>[] = [];
    const enter = (token: string, requestId: string): void => {
      waiting.push(
        bulkhead.enter(of(token, requestId)).then((done) => {
          order.push(`${token} ${requestId}`);
          done();
        }),
      );
    };
    for (let operation = 0; operation < 16; operation++) {
      for (let call = 0; call < 20; call++) enter("many", `operation-${operation}`);
    }
    enter("other", "single");
    leave();
    await Promise.all(waiting);
    expect(order.indexOf("other single")).toBeLessThanOrEqual(1);
    // The operations of one caller take turns, too.
    expect(new Set(order.slice(0, 18)).size).toBe(17);
    expect(order).toHaveLength(321);
  });

  test("in a full queue another caller takes the place of the newest call of the caller with the most", async () => {
    const bulkhead = createBulkhead(1, 3);
    const leave = await bulkhead.enter(of("many", "running"));
    const many = ["a", "b", "c"].map((requestId) => bulkhead.enter(of("many", requestId)));
    const newest = expect(many[2]).rejects.toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
    const other = bulkhead.enter(of("other", "d"));
    await newest;
    await expect(bulkhead.enter(of("many", "e"))).rejects.toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
    leave();
    (await many[0])?.();
    (await other)();
    (await many[1])?.();
  });

  test("the load is reported", async () => {
    const loads: string[] = [];
    const bulkhead = createBulkhead(1, 3, (inFlight, queued) => loads.push(`${inFlight}+${queued}`));
    const leave = await bulkhead.enter(of("a", "1"));
    const second = bulkhead.enter(of("b", "2"));
    leave();
    (await second)();
    expect(loads).toEqual(["1+0", "1+1", "1+0", "0+0"]);
  });
});
