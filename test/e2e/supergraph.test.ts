import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createClient } from "graphql-sse";
import { request } from "undici";
import { parse } from "yaml";
import { type Simulator, startSimulator } from "../../src/simulator/server.js";
import { eventually } from "../support/eventually.js";
import { ROOT } from "../support/documents.js";
import { freePort } from "../support/processes/free-port.js";
import { type GatewayProcess, startGateway } from "../support/processes/gateway-process.js";

const EXAMPLE = join(ROOT, "examples", "supergraph");
const PROJECT = "demo-project";
const JOB_COUNT = 30;

type Answer = {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
};

let simulator: Simulator;
let gateway: GatewayProcess;
let gatewayEnv: Record<string, string>;
let supergraph: ChildProcess;
let url: string;

/** Starts the example's command in front of a gateway of this test. */
async function startSupergraph(eventsUrl: string): Promise<string> {
  const port = await freePort();
  supergraph = spawn(process.execPath, ["start.js"], {
    cwd: EXAMPLE,
    env: { ...process.env, EVENTS_URL: eventsUrl, JOBS_PORT: "0", PORT: String(port), NODE_OPTIONS: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  supergraph.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  supergraph.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await eventually(() => {
    if (supergraph.exitCode !== null) throw new Error(`The supergraph did not start: ${output}`);
    return output.includes("supergraph: ");
  }, 180_000);
  return /supergraph: (\S+)/.exec(output)?.[1] ?? "";
}

beforeAll(async () => {
  if (!existsSync(join(EXAMPLE, "node_modules"))) {
    await promisify(execFile)("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: EXAMPLE });
  }
  simulator = await startSimulator({ admin: true });
  for (let at = 1; at <= JOB_COUNT; at += 1) {
    const body = JSON.stringify({ generate: 120, seed: at });
    const jobId = `train-${String(at).padStart(2, "0")}`;
    await request(`${simulator.url}/admin/jobs/${PROJECT}/${jobId}`, { method: "PUT", body });
  }
  gatewayEnv = {
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: PROJECT,
    PORT: String(await freePort()),
    CACHE_HEAD_TTL_MS: "200",
  };
  gateway = await startGateway(gatewayEnv);
  url = await startSupergraph(gateway.url);
}, 600_000);

afterAll(async () => {
  supergraph.kill();
  await gateway.stop();
  await simulator.close();
});

async function ask(query: string): Promise<Answer> {
  const { body } = await request(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  return (await body.json()) as Answer;
}

describe("through Hive Gateway", () => {
  test("a list of 30 jobs is answered whole, cold with at most 2 calls a job and warm with at most 1", async () => {
    const query = "{ jobs { id name events(first: 3) { totalCount nodes { message } } } }";
    simulator.calls.reset();
    const { data, errors } = await ask(query);
    expect(errors).toBeUndefined();
    const jobs = data?.["jobs"] as { events: { totalCount: number; nodes: unknown[] } }[];
    expect(jobs.map(({ events }) => [events.totalCount, events.nodes.length])).toEqual(
      Array.from({ length: JOB_COUNT }, () => [120, 3]),
    );
    // One more call may find out the unit of `offset`.
    expect(simulator.calls.total).toBeLessThanOrEqual(2 * JOB_COUNT + 2);
    simulator.calls.reset();
    expect((await ask(query)).errors).toBeUndefined();
    expect(simulator.calls.total).toBeLessThanOrEqual(JOB_COUNT);
  });

  test("a job of the events gateway has the fields of both subgraphs", async () => {
    const query = `{ trainingJob(id: "train-02", projectId: "${PROJECT}") { name phase events(last: 1) { totalCount } } }`;
    expect(await ask(query)).toEqual({
      data: { trainingJob: { name: "Training run 2", phase: "Completed", events: { totalCount: 120 } } },
    });
  });

  test.each([
    ['events(after: "wrong")', "INVALID_CURSOR", false],
    ["events(first: 1000)", "BAD_USER_INPUT", false],
  ])("an error of %s keeps its code and retryable", async (field, code, retryable) => {
    const { data, errors } = await ask(`{ trainingJob(id: "train-01") { name ${field} { totalCount } } }`);
    expect(data).toEqual({ trainingJob: { name: "Training run 1", events: null } });
    expect(errors?.[0]?.extensions).toMatchObject({ code, retryable });
  });

  test("a missing job is an error of its events only", async () => {
    const { data, errors } = await ask(
      '{ trainingJob(id: "missing") { id events(first: 1) { totalCount } } }',
    );
    expect(data).toEqual({ trainingJob: { id: "missing", events: null } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "TRAINING_JOB_NOT_FOUND", retryable: false });
  });

  test("a client that resumes by cursor gets each event once, although the gateway is killed and started again", async () => {
    const jobId = "live";
    const put = (count: number, from: number): Promise<unknown> =>
      request(`${simulator.url}/admin/jobs/${PROJECT}/${jobId}${from === 0 ? "" : "/events"}`, {
        method: from === 0 ? "PUT" : "POST",
        body: JSON.stringify({
          events: Array.from({ length: count }, (_, at) => ({
            timeMs: 1_767_574_800_000 + (from + at) * 1_000,
            message: `event ${from + at}`,
          })),
        }),
      });
    await put(5, 0);
    const seen: string[] = [];
    let cursor: string | null = null;
    let attempts = 0;
    const stop = new AbortController();
    const following = (async () => {
      while (!stop.signal.aborted && seen.length < 15) {
        attempts += 1;
        const client = createClient({ url, retryAttempts: 0 });
        try {
          const start: string = cursor === null ? "last: 5" : `after: ${JSON.stringify(cursor)}`;
          const results = client.iterate<{
            trainingJobEvents: { endCursor: string | null; edges: { node: { message: string } }[] };
          }>({
            query: `subscription { trainingJobEvents(id: "${jobId}", ${start}) { endCursor edges { node { message } } } }`,
          });
          for await (const { data, errors } of results) {
            if (errors) break;
            const batch = data?.trainingJobEvents;
            seen.push(...(batch?.edges ?? []).map(({ node }) => node.message));
            cursor = batch?.endCursor ?? cursor;
            if (seen.length >= 15) break;
          }
        } catch {
          // The way to the subgraph is broken: subscribe again after the last cursor.
        } finally {
          client.dispose();
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    await eventually(() => seen.length >= 5);
    await put(5, 5);
    await eventually(() => seen.length >= 10);
    gateway.signal("SIGKILL");
    await gateway.ended;
    await put(5, 10);
    gateway = await startGateway(gatewayEnv);
    await eventually(() => seen.length >= 15);
    stop.abort();
    await following;
    expect(seen).toEqual(Array.from({ length: 15 }, (_, at) => `event ${at}`));
    expect(attempts).toBeGreaterThan(1);
  });
});

describe("the configurations for other routers", () => {
  const config = (name: string): unknown => parse(readFileSync(join(EXAMPLE, "routers", name), "utf8"));

  test("Apollo Router passes credentials and errors on, and does not share streams", () => {
    expect(config("apollo-router.yaml")).toMatchObject({
      headers: {
        all: { request: expect.arrayContaining([{ propagate: { named: "x-auth-token" } }]) as unknown },
      },
      include_subgraph_errors: { subgraphs: { events: true } },
      subscription: {
        mode: { passthrough: { subgraphs: { events: { protocol: "graphql_ws", path: "/graphql" } } } },
        deduplication: { subgraphs: { events: { enabled: false } } },
      },
    });
  });

  test("Cosmo passes credentials and errors on, and its graph names files that exist", () => {
    expect(config("cosmo-router.yaml")).toMatchObject({
      headers: {
        all: { request: expect.arrayContaining([{ op: "propagate", named: "X-Auth-Token" }]) as unknown },
      },
      subgraph_error_propagation: {
        mode: "pass-through",
        allowed_extension_fields: expect.arrayContaining(["code", "retryable", "resumeCursor"]) as unknown,
      },
    });
    const { subgraphs } = config("cosmo-graph.yaml") as {
      subgraphs: {
        name: string;
        schema: { file: string };
        subscription?: { url: string; protocol: string };
      }[];
    };
    expect(subgraphs.map(({ schema }) => existsSync(join(EXAMPLE, "routers", schema.file)))).toEqual([
      true,
      true,
    ]);
    expect(subgraphs[0]?.subscription).toEqual({
      url: "http://127.0.0.1:4001/graphql/stream",
      protocol: "sse_post",
    });
  });
});
