import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import {
  startRestartableGateway,
  type RestartableGateway,
} from "../../../test/support/processes/restartable-gateway.js";
import { allEvents, isGatewayError, type WalkOptions } from "modelarts-events-client";
import { EXECUTES } from "./clients.js";

let gateway: RestartableGateway;
beforeAll(async () => {
  gateway = await startRestartableGateway({ UPSTREAM_RETRIES: "0" });
});
afterAll(() => gateway.close());
afterEach(() => {
  gateway.simulator.faults.clear();
});

let jobs = 0;
function newJob(count: number): { id: string; messages: string[] } {
  jobs += 1;
  const id = `walk-${jobs}`;
  return { id, messages: gateway.write(id, count) };
}

async function walk(options: WalkOptions): Promise<{ messages: string[]; progress: [number, number][] }> {
  const messages: string[] = [];
  const progress: [number, number][] = [];
  for await (const { edges, done, total } of allEvents(options)) {
    messages.push(...edges.map(({ node }) => node.message));
    progress.push([done, total]);
  }
  return { messages, progress };
}

describe.each(EXECUTES)("a walk by %s", (_name, executeAt) => {
  test("gives each event once, oldest first, with progress", async () => {
    const { id, messages } = newJob(250);
    const walked = await walk({ execute: executeAt(gateway.url), variables: { id } });
    expect(walked.messages).toEqual(messages);
    expect(walked.progress).toEqual([
      [100, 250],
      [200, 250],
      [250, 250],
    ]);
  });

  test("continues after temporary failures of pages", async () => {
    const { id, messages } = newJob(150);
    gateway.simulator.faults.add({ fault: { kind: "error", status: 503 }, times: 1, jobId: id });
    const walked = await walk({ execute: executeAt(gateway.url), variables: { id, order: "NEWEST_FIRST" } });
    expect(walked.messages).toEqual(messages.toReversed());
  });

  test("ends with the client's own error where no retry helps", async () => {
    const failure: unknown = await walk({
      execute: executeAt(gateway.url),
      variables: { id: "no-such-job" },
    }).catch((error: unknown) => error);
    expect(isGatewayError(failure, "TRAINING_JOB_NOT_FOUND")).toBe(true);
  });

  test("ends after the maximum number of retries", async () => {
    const { id } = newJob(1);
    gateway.simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null, jobId: id });
    const failure: unknown = await walk({
      execute: executeAt(gateway.url),
      variables: { id },
      maxRetries: 1,
    }).catch((error: unknown) => error);
    expect(isGatewayError(failure, "UPSTREAM_UNAVAILABLE")).toBe(true);
  });
});

test("a walk that is aborted ends without an error", async () => {
  const { id } = newJob(300);
  const [[, executeAt] = []] = EXECUTES;
  if (executeAt === undefined) throw new Error("There is no client.");
  const controller = new AbortController();
  let pages = 0;
  for await (const page of allEvents({
    execute: executeAt(gateway.url),
    variables: { id },
    signal: controller.signal,
  })) {
    pages += page.edges.length > 0 ? 1 : 0;
    controller.abort();
  }
  expect(pages).toBe(1);
});
