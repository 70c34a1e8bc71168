import { afterEach, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { type App, startApp } from "../../src/app.js";
import { createLogger } from "../../src/observability/logger.js";
import { readSettings } from "../../src/settings.js";
import { ask } from "../support/gateway-client.js";
import { eventually } from "../support/eventually.js";

let app: App | null = null;
let log: Record<string, unknown>[] = [];
afterEach(() => app?.drain({ delayMs: 0, graceMs: 1000 }));

/** A whole gateway in this process, over the built-in simulator. */
async function start(env: Record<string, string>): Promise<string> {
  const reading = readSettings({ PORT: "0", ...env });
  if (!reading.ok) throw new Error(reading.problems.join());
  log = [];
  const write = (line: string): number => log.push(JSON.parse(line) as Record<string, unknown>);
  app = await startApp(reading.settings, createLogger("info", { write }));
  return app.url;
}

const query = 'query Q($first: Int) { trainingJob(id: "j") { id events(first: $first) { totalCount } } }';
const malformed = { "x-auth-token": "two words" };

describe("a token that no upstream could have given", () => {
  test("fails the fields that need one, and is logged and counted", async () => {
    const url = await start({ MODELARTS_AUTH: "passthrough" });
    const { status, data, errors } = await ask(url, query, {}, malformed);
    expect({ status, data }).toEqual({ status: 200, data: { trainingJob: { id: "j", events: null } } });
    expect(errors.map(({ message, path, extensions }) => ({ message, path, extensions }))).toEqual([
      {
        message: "X-Auth-Token holds characters that no token has.",
        path: ["trainingJob", "events"],
        extensions: { code: "UNAUTHENTICATED", retryable: false },
      },
    ]);
    await eventually(() => log.some(({ msg }) => msg === "request"));
    expect(log.find(({ msg }) => msg === "request")).toMatchObject({
      operationName: "Q",
      code: "UNAUTHENTICATED",
    });
    const metrics = await request(new URL("/metrics", url));
    expect(await metrics.body.text()).toContain('graphql_operations_total{outcome="UNAUTHENTICATED"} 1');
  });

  test("comes after the arguments", async () => {
    const url = await start({ MODELARTS_AUTH: "passthrough" });
    const { errors } = await ask(url, query, { first: -1 }, malformed);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["BAD_USER_INPUT"]);
  });

  test("is nothing to a gateway that sends no token on", async () => {
    const url = await start({ MODELARTS_AUTH: "none" });
    const { errors } = await ask(url, query, {}, malformed);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["TRAINING_JOB_NOT_FOUND"]);
  });
});
