import { createClient as createSseClient } from "graphql-sse";
import { createClient as createWsClient } from "graphql-ws";
import { type LiveClient } from "modelarts-events-client";
import { WebSocket } from "ws";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { freePort } from "../../../test/support/processes/free-port.js";
import { type GatewayProcess, startGateway } from "../../../test/support/processes/gateway-process.js";

/** A simulator, and a gateway over it that can be killed and started again at the same address. */
export type World = {
  readonly simulator: Simulator;
  /** The URL of the graph. */
  readonly url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Writes events at the end of a job's log; returns their messages. */
  write(job: string, count: number): string[];
  close(): Promise<void>;
};

export async function startWorld(env: Record<string, string> = {}): Promise<World> {
  const simulator = await startSimulator();
  const port = await freePort();
  const settings = {
    PORT: String(port),
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    CACHE_HEAD_TTL_MS: "200",
    SHUTDOWN_DELAY_MS: "0",
    LOG_LEVEL: "warn",
    ...env,
  };
  let gateway: GatewayProcess | null = await startGateway(settings);
  const written = new Map<string, number>();
  return {
    simulator,
    url: gateway.url,
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
    close: async () => {
      await gateway?.stop();
      await simulator.close();
    },
  };
}

const START_MS = Date.UTC(2026, 0, 5);

type Headers = Record<string, string>;

/** Both kinds of live client, as docs/front-end.md creates them. */
export const LIVE_CLIENTS: readonly [string, (url: string, headers?: () => Headers) => LiveClient][] = [
  [
    "graphql-ws",
    (url, headers = () => ({})) =>
      createWsClient({
        url: url.replace(/^http/, "ws"),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        connectionParams: headers,
      }),
  ],
  [
    "graphql-sse",
    (url, headers = () => ({})) => createSseClient({ url: `${url}/stream`, retryAttempts: 0, headers }),
  ],
];
