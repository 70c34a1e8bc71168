import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventually } from "../../support/eventually.js";
import { askEvents } from "../../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { metricOf } from "../../support/processes/load.js";
import { atSteadyRate } from "../../support/processes/steady-rate.js";

const QUERIES = 10_000;
const AT_ONCE = 10;
const BAD_EVERY_MS = 20;
const TENANTS = [
  { token: "MIIsecret-tenant-one", projectId: "project-one" },
  { token: "MIIsecret-tenant-two", projectId: "project-two" },
];
const GOOD_JOBS = Array.from({ length: 40 }, (_, index) => `good-${index}`);

let simulator: Simulator;
let gateway: GatewayProcess;

beforeAll(async () => {
  simulator = await startSimulator();
  simulator.set({ tokens: TENANTS.map(({ token, projectId }) => ({ token, projects: [projectId] })) });
  for (const { projectId } of TENANTS) {
    for (const jobId of ["bad", ...GOOD_JOBS]) simulator.jobs.create(jobId, [{ message: jobId }], projectId);
  }
  simulator.faults.add({
    fault: { kind: "error", status: 500 },
    jobId: "bad",
    times: null,
  });
  gateway = await startGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "passthrough",
    // So that the queries of good jobs go on making calls.
    CACHE_HEAD_TTL_MS: "200",
    LOG_LEVEL: "error",
  });
});

afterAll(async () => {
  await gateway.stop();
  await simulator.close();
});

test("one job that always fails, read 50 times a second, makes no query of another job fail", async () => {
  const [one = TENANTS[0], two = TENANTS[1]] = TENANTS;
  if (one === undefined || two === undefined) throw new Error("There are two tenants.");
  let going = true;
  const askBad = () => {
    const { token, projectId } = one;
    return askEvents(gateway.url, { id: "bad", projectId, first: 5 }, { "x-auth-token": token });
  };
  let asked = 0;
  const failures: unknown[] = [];
  const askGood = async (): Promise<void> => {
    while (asked < QUERIES) {
      const turn = (asked += 1);
      const { token, projectId } = turn % 2 === 0 ? one : two;
      const id = GOOD_JOBS[turn % GOOD_JOBS.length] ?? "";
      const answer = await askEvents(gateway.url, { id, projectId, first: 5 }, { "x-auth-token": token });
      const isGood = answer.data?.trainingJob.events?.nodes[0]?.message === id && answer.errors.length === 0;
      if (!isGood) failures.push(answer.errors);
    }
  };
  const bad = atSteadyRate(BAD_EVERY_MS, () => going, askBad);
  await Promise.all(Array.from({ length: AT_ONCE }, askGood));
  // The circuit of the bad job may take a little longer than the good queries.
  const isOpen = () => metricOf(gateway.url, 'modelarts_breaker_open{scope="job"}');
  await eventually(async () => (await isOpen()) === 1);
  going = false;
  const codes = (await bad).map(({ errors }) => errors[0]?.extensions.code ?? "none");
  expect(failures).toEqual([]);
  expect(new Set(codes)).toEqual(new Set(["UPSTREAM_UNAVAILABLE"]));
  expect(await metricOf(gateway.url, 'modelarts_breaker_open{scope="upstream"}')).toBe(0);
}, 3_600_000);
