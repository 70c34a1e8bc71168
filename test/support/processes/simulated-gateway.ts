import { afterEach, beforeEach } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { startInProcessGateway, type InProcessGateway } from "./in-process-gateway.js";

/** The simulator and the gateway of the running test. */
type SimulatedGateway = {
  readonly simulator: Simulator;
  readonly gateway: InProcessGateway;
  /** Starts the gateway. Each test calls it; the end of the test stops the gateway. */
  start(env?: Record<string, string>): Promise<void>;
};

/**
 * Gives each test of a file a new simulator, and a gateway over it, in this process: the start of another process takes
 * longer than most of these tests.
 * @param defaults the variables of each gateway; those of `start` override them
 */
export function simulatedGateway(defaults: Record<string, string>): SimulatedGateway {
  let simulator: Simulator;
  let gateway: InProcessGateway;
  beforeEach(async () => {
    simulator = await startSimulator();
  });
  afterEach(async () => {
    await gateway.close();
    await simulator.close();
  });
  return {
    get simulator() {
      return simulator;
    },
    get gateway() {
      return gateway;
    },
    start: async (env = {}) => {
      const own = { MODELARTS_ENDPOINT: simulator.url, MODELARTS_PROJECT_ID: "demo-project" };
      gateway = await startInProcessGateway({ ...own, ...defaults, ...env });
    },
  };
}
