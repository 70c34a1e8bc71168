import { type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { eventsBody, switchesBody, trimBody } from "./admin-bodies.js";
import { type Answer, jsonAnswer } from "../answer.js";
import { send } from "../deliver.js";
import { type EventInput } from "../jobs/event.js";
import { faultRuleSchema } from "../faults.js";
import { generateEvents } from "../jobs/generator.js";
import { type Simulation } from "../jobs/simulation.js";

/** The input of a route: the simulation, the job of its path ("" if the path has none), and the body. */
type AdminCall = {
  readonly simulation: Simulation;
  readonly projectId: string;
  readonly jobId: string;
  readonly body: unknown;
};

type Route = readonly [method: string, path: RegExp, act: (call: AdminCall) => unknown];

const JOB = "/admin/jobs/(?<projectId>[^/]+)/(?<jobId>[^/]+)";

const eventsOf = (body: unknown, newestMs: number | null): readonly EventInput[] => {
  const parsed = eventsBody.parse(body ?? {});
  if ("events" in parsed) return parsed.events;
  const { generate, seed, startMs = newestMs ?? undefined } = parsed;
  return generateEvents(generate, { seed, startMs });
};

const withJob =
  (act: (call: AdminCall, newestMs: number | null) => unknown) =>
  (call: AdminCall): unknown => {
    const log = call.simulation.jobs.find(call);
    return log ? act(call, log.newestMs) : jsonAnswer(404, { error: "There is no such job." });
  };

/** The result of a route is the body of a 200; no result is a 204. docs/simulator.md has an example of each. */
const ROUTES: readonly Route[] = [
  ["GET", /^\/admin\/jobs$/, ({ simulation }) => simulation.jobs.list()],
  [
    "PUT",
    new RegExp(`^${JOB}$`),
    ({ simulation, projectId, jobId, body }) => {
      simulation.jobs.create(jobId, eventsOf(body, null), projectId);
    },
  ],
  [
    "GET",
    new RegExp(`^${JOB}$`),
    withJob(({ simulation, projectId, jobId }) => ({ total: simulation.jobs.rows(jobId, projectId).length })),
  ],
  [
    "DELETE",
    new RegExp(`^${JOB}$`),
    withJob(({ simulation, projectId, jobId }) => {
      simulation.jobs.delete(jobId, projectId);
    }),
  ],
  [
    "POST",
    new RegExp(`^${JOB}/events$`),
    withJob(({ simulation, projectId, jobId, body }, newestMs) => {
      simulation.jobs.add(jobId, eventsOf(body, newestMs), projectId);
    }),
  ],
  [
    "POST",
    new RegExp(`^${JOB}/trim$`),
    withJob(({ simulation, projectId, jobId, body }) => {
      simulation.jobs.trim(jobId, trimBody.parse(body).count, projectId);
    }),
  ],
  ["GET", /^\/admin\/switches$/, ({ simulation }) => simulation.switches],
  [
    "PATCH",
    /^\/admin\/switches$/,
    ({ simulation, body }) => {
      simulation.set(switchesBody.parse(body));
      return simulation.switches;
    },
  ],
  ["GET", /^\/admin\/faults$/, ({ simulation }) => simulation.faults.list()],
  [
    "POST",
    /^\/admin\/faults$/,
    ({ simulation, body }) => {
      simulation.faults.add(faultRuleSchema.parse(body));
    },
  ],
  [
    "DELETE",
    /^\/admin\/faults$/,
    ({ simulation }) => {
      simulation.faults.clear();
    },
  ],
  [
    "GET",
    /^\/admin\/calls$/,
    ({ simulation: { calls } }) => ({
      total: calls.total,
      inFlight: calls.inFlight,
      peakInFlight: calls.peakInFlight,
      calls: calls.list,
    }),
  ],
  [
    "DELETE",
    /^\/admin\/calls$/,
    ({ simulation }) => {
      simulation.calls.reset();
    },
  ],
  ["GET", /^\/admin\/tokens$/, ({ simulation }) => ({ total: simulation.iam.size })],
  [
    "DELETE",
    /^\/admin\/tokens$/,
    ({ simulation }) => {
      simulation.iam.revoke();
    },
  ],
  [
    "POST",
    /^\/admin\/reset$/,
    ({ simulation }) => {
      simulation.reset();
    },
  ],
];

const isAnswer = (value: unknown): value is Answer =>
  typeof value === "object" && value !== null && "status" in value && "body" in value;

const answerAdmin = async (
  simulation: Simulation,
  path: string,
  request: IncomingMessage,
): Promise<Answer> => {
  const given = await text(request);
  const body: unknown = given === "" ? undefined : JSON.parse(given);
  for (const [method, pattern, act] of ROUTES) {
    const match = request.method === method ? pattern.exec(path) : null;
    if (!match) continue;
    const { projectId = "", jobId = "" } = match.groups ?? {};
    const result = act({
      simulation,
      projectId: decodeURIComponent(projectId),
      jobId: decodeURIComponent(jobId),
      body,
    });
    if (result === undefined) return { status: 204, headers: {}, body: "" };
    return isAnswer(result) ? result : jsonAnswer(200, result);
  }
  return jsonAnswer(404, { error: `There is no ${request.method ?? ""} ${path}.` });
};

/** Lets another process control the simulation by JSON over HTTP under `/admin/`. Invalid input is a 400. */
export const handleAdmin = async (
  simulation: Simulation,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  let answer: Answer;
  try {
    answer = await answerAdmin(simulation, path, request);
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    answer = jsonAnswer(400, { error: reason });
  }
  send(response, answer);
};
