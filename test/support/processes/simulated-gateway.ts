import { afterEach, beforeEach } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { type GatewayProcess, startGateway } from "./gateway-process.js";

/** The simulator and the gateway of the running test. */
type SimulatedGateway = {
  readonly simulator: Simulator;
  readonly gateway: GatewayProcess;
  /** Starts the gateway. Each test calls it; the end of the test stops the gateway. */
  start(env?: Record<string, string>): Promise<void>;
};

/**
 * Gives each test of a file a new simulator, and a gateway over it.
 * @param defaults the variables of each gateway; those of `start` override them
 */
export function simulatedGateway(defaults: Record<string, string>): SimulatedGateway {
  let simulator: Simulator;
  let gateway: GatewayProcess;
  beforeEach(async () => {
    simulator = await startSimulator();
  });
  afterEach(async () => {
    await gateway.stop();
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
      gateway = await startGateway({ ...own, ...defaults, ...env });
    },
  };
}
