import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventually } from "../eventually.js";
import { freePort } from "./free-port.js";
import { askEvents } from "./gateway-client.js";
import { type GatewayProcess, startGateway } from "./gateway-process.js";

/** A simulator, and a gateway over it that can be killed and started again at the same address. */
export type RestartableGateway = {
  readonly simulator: Simulator;
  /** The URL of the graph. */
  readonly url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Writes events at the end of a job's log; returns their messages. */
  write(job: string, count: number): string[];
  /** Writes an event with the time of the one that `write` wrote at an index; returns its message. */
  writeLate(job: string, at: number): string;
  /** Waits until the gateway has read all events that were written to a job. */
  hasRead(job: string): Promise<void>;
  close(): Promise<void>;
};

export async function startRestartableGateway(env: Record<string, string> = {}): Promise<RestartableGateway> {
  const simulator = await startSimulator();
  const port = await freePort();
  const settings = {
    PORT: String(port),
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    CACHE_HEAD_TTL_MS: "200",
    // However long a call takes, no older page is shown instead of its answer.
    CACHE_STALE_WAIT_MS: "3600000",
    SHUTDOWN_DELAY_MS: "0",
    LOG_LEVEL: "warn",
    ...env,
  };
  let gateway: GatewayProcess | null = await startGateway(settings);
  const written = new Map<string, number>();
  const { url } = gateway;
  return {
    simulator,
    url,
    kill: async () => {
      gateway?.signal("SIGKILL");
      await gateway?.ended;
      gateway = null;
    },
    start: async () => {
      gateway = await startGateway(settings);
    },
    write: (job, count) => {
      const from = written.get(job) ?? 0;
      if (from === 0) simulator.jobs.create(job, []);
      written.set(job, from + count);
      const messages = Array.from({ length: count }, (_, index) => `${job} ${from + index}`);
      simulator.jobs.add(
        job,
        messages.map((message, index) => ({ timeMs: START_MS + (from + index) * 1000, message })),
      );
      return messages;
    },
    writeLate: (job, at) => {
      const message = `${job} late at ${at}`;
      simulator.jobs.add(job, [{ timeMs: START_MS + at * 1000, message }]);
      return message;
    },
    hasRead: async (job) => {
      const { length: count } = simulator.jobs.rows(job);
      await eventually(async () => {
        const { data } = await askEvents(url, { id: job, first: 1 });
        return data?.trainingJob.events?.totalCount === count;
      });
    },
    close: async () => {
      await gateway?.stop();
      await simulator.close();
    },
  };
}

const START_MS = Date.UTC(2026, 0, 5);
