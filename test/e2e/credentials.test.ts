import { afterEach, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { ask } from "../support/processes/gateway-client.js";
import { eventually } from "../support/eventually.js";
import { startInProcessGateway, type InProcessGateway } from "../support/processes/in-process-gateway.js";

let gateway: InProcessGateway;
afterEach(() => gateway.close());

/** Over the built-in simulator. */
async function start(env: Record<string, string>): Promise<string> {
  gateway = await startInProcessGateway(env);
  return gateway.url;
}

const query = 'query Q($first: Int) { trainingJob(id: "j") { id events(first: $first) { totalCount } } }';
const malformed = { "x-auth-token": "two words" };

describe("an impossible token", () => {
  test("fails the fields that need a token, and is logged and counted", async () => {
    const url = await start({ MODELARTS_AUTH: "passthrough" });
    const { status, data, errors } = await ask(url, query, {}, malformed);
    expect({ status, data }).toEqual({ status: 200, data: { trainingJob: { id: "j", events: null } } });
    expect(errors.map(({ message, path, extensions }) => ({ message, path, extensions }))).toEqual([
      {
        message: "X-Auth-Token contains characters that are not allowed in a token.",
        path: ["trainingJob", "events"],
        extensions: { code: "UNAUTHENTICATED", retryable: false },
      },
    ]);
    await eventually(() => gateway.log.some(({ msg }) => msg === "request"));
    expect(gateway.log.find(({ msg }) => msg === "request")).toMatchObject({
      operationName: "Q",
      code: "UNAUTHENTICATED",
    });
    const metrics = await request(new URL("/metrics", url));
    expect(await metrics.body.text()).toContain('graphql_operations_total{outcome="UNAUTHENTICATED"} 1');
  });

  test("is checked after the arguments", async () => {
    const url = await start({ MODELARTS_AUTH: "passthrough" });
    const { errors } = await ask(url, query, { first: -1 }, malformed);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["BAD_USER_INPUT"]);
  });

  test("is ignored by a gateway that does not forward tokens", async () => {
    const url = await start({ MODELARTS_AUTH: "none" });
    const { errors } = await ask(url, query, {}, malformed);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["TRAINING_JOB_NOT_FOUND"]);
  });
});

describe("the log line of a request", () => {
  test("names the caller by a hash, and the first projects and jobs that were read", async () => {
    const url = await start({ MODELARTS_AUTH: "passthrough" });
    const ids = Array.from({ length: 7 }, (_value, index) => `"job-${index}"`);
    const many = `{ ${ids.map((id, at) => `j${at}: trainingJob(id: ${id}) { events { totalCount } }`).join(" ")} }`;
    const one = 'query One { trainingJob(id: "events-1") { events { totalCount } } }';
    const token = { "x-auth-token": "secret-token" };
    // The third one is the repeat of a kept answer, which looks at no job.
    for (const document of [many, one, one]) await ask(url, document, {}, token);
    await ask(url, one, {}, { "x-auth-token": "other-token" });
    const lines = (): Record<string, unknown>[] => gateway.log.filter(({ msg }) => msg === "request");
    await eventually(() => lines().length === 4);
    const [first, second, third, other] = lines();
    expect(first?.["projects"]).toEqual(["demo-project"]);
    expect(first?.["jobs"]).toEqual(["job-0", "job-1", "job-2", "job-3", "job-4"]);
    expect(second).toMatchObject({ projects: ["demo-project"], jobs: ["events-1"] });
    expect(new Set([first, second, third].map((line) => line?.["caller"])).size).toBe(1);
    expect(first?.["caller"]).toMatch(/^[\w-]{22}$/);
    expect(other?.["caller"]).not.toBe(first?.["caller"]);
    expect(JSON.stringify(gateway.log)).not.toMatch(/secret-token|other-token/);
  });
});
