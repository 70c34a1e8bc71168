import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Simulator, startSimulator } from "../../src/simulator/server.js";
import { faultsOf } from "../support/virtual/exactly-once.js";
import { type GatewayProcess, startGateway } from "../support/processes/gateway-process.js";
import { httpGateway } from "../support/processes/http-gateway.js";
import { CHANGES, play, scenarios } from "../support/virtual/scenario.js";
import { JOB } from "../support/virtual/virtual-gateway.js";

const RUNS = 60;

let simulator: Simulator;
let processes: readonly [GatewayProcess, GatewayProcess];

beforeAll(async () => {
  simulator = await startSimulator();
  const settings = {
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: JOB.projectId,
    LOG_LEVEL: "warn",
  };
  processes = await Promise.all([startGateway(settings), startGateway(settings)]);
});

afterAll(async () => {
  await Promise.all(processes.map((process) => process.stop()));
  await simulator.close();
});

test.each(["growing", "slipping", "trimming"] as const)(
  "over HTTP, too, a walk through two processes meets each event exactly once: %s",
  async (change) => {
    let run = 0;
    const languages = fc.constantFrom(null, "zh-cn" as const);
    await fc.assert(
      fc.asyncProperty(scenarios(CHANGES[change], languages), async (plan) => {
        // Another job for each run, which is not in the processes' caches.
        run += 1;
        const id = `${change}-${run}`;
        const { jobs } = simulator;
        const played = await play(plan, {
          jobs: {
            create: (_job, events) => {
              jobs.create(id, events);
            },
            add: (_job, events) => {
              jobs.add(id, events);
            },
            trim: (_job, count) => {
              jobs.trim(id, count);
            },
            rows: () => jobs.rows(id),
          },
          // The processes use the machine's clock, for which the test does not wait.
          pause: () => undefined,
          gateways: [httpGateway(processes[0].url, id), httpGateway(processes[1].url, id)],
        });
        jobs.delete(id);
        expect(faultsOf(played, plan.filter)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  },
);
