import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { handleAdmin } from "./admin/admin.js";
import { later, send, sendFault } from "./deliver.js";
import { answerCall, jobOfPath } from "./events-api.js";
import { TOKENS_PATH } from "./access/iam.js";
import { createSimulation, type Simulation } from "./jobs/simulation.js";

/** The options of a simulator. */
export type SimulatorOptions = {
  /** Default 0: a free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Whether other processes may control it under `/admin/`. Default: no. */
  readonly admin?: boolean;
  /** Its clock, in milliseconds since the epoch. Default: the machine's. */
  readonly nowMs?: () => number;
  /** The delay of each answer, in milliseconds. Default 0. */
  readonly latencyMs?: number;
};

/** A running simulator, with functions to control it from the same process. */
export type Simulator = Simulation & {
  /** The base URL, for use as the endpoint of the service. */
  readonly url: string;
  readonly port: number;
  /** Stops at once and aborts calls in flight. */
  close(): Promise<void>;
};

/** Longer than clients keep an idle connection, so that no client uses one that is just being closed. */
const KEEP_ALIVE_MS = 120_000;

const NOTED_HEADERS = [
  "accept",
  "authorization",
  "traceparent",
  "tracestate",
  "user-agent",
  "x-auth-token",
  "x-language",
  "x-project-id",
  "x-request-id",
  "x-sdk-date",
  "x-security-token",
] as const;

const noted = (request: IncomingMessage): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const name of NOTED_HEADERS) {
    const value = request.headers[name];
    if (typeof value === "string") headers[name] = value;
  }
  return headers;
};

const handleCall = async (
  simulation: Simulation,
  path: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { faults, calls, iam, switches } = simulation;
  const job = jobOfPath(path);
  const method = request.method ?? "GET";
  const headers = noted(request);
  const requestId = headers["x-request-id"] ?? randomUUID();
  const end = calls.open({ method, path, query: Object.fromEntries(query), headers });
  response.once("close", () => {
    end(response.writableFinished ? response.statusCode : null);
  });
  response.setHeader("X-Request-Id", requestId);
  const isLogin = method === "POST" && path === TOKENS_PATH;
  const fault = faults.take(job, isLogin);
  const call = {
    method,
    job,
    query,
    target: request.url ?? "/",
    headers: request.headers,
    language: headers["x-language"],
    requestId,
  };
  if (!isLogin) request.resume();
  const body = isLogin ? await bodyOf(request) : null;
  const normal = () => (isLogin ? iam.logIn(body, switches) : answerCall(call, simulation));
  const act = (): void => {
    if (fault) sendFault(response, fault, requestId, normal);
    else send(response, normal());
  };
  if (switches.latencyMs > 0) later(response, switches.latencyMs, act);
  else act();
};

/** Parses a JSON body; null for another body, or if the connection breaks. */
const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  try {
    return await json(request);
  } catch {
    return null;
  }
};

/** Starts a simulator of the events API. Fails as `net.Server.listen` does, for instance on a port in use. */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const { port = 0, host = "127.0.0.1", admin = false, nowMs = Date.now, latencyMs = 0 } = options;
  const simulation = createSimulation(nowMs, { latencyMs });
  const server = createServer((request, response) => {
    const target = request.url ?? "/";
    const mark = target.indexOf("?");
    const path = mark < 0 ? target : target.slice(0, mark);
    const query = new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1));
    if (admin && path.startsWith("/admin/")) void handleAdmin(simulation, path, request, response);
    else void handleCall(simulation, path, query, request, response);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    ...simulation,
    url: `http://${name}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};
