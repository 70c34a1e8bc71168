import { GatewayError } from "../../../src/errors.js";
import {
  type EventsAnswer,
  type EventsRequest,
  type ModelArtsClient,
} from "../../../src/modelarts/client.js";
import { isPartialRead, readEventsAnswer } from "../../../src/modelarts/events-answer.js";
import { eventsPath } from "../../../src/modelarts/events-request.js";
import { eventsPage } from "../../../src/simulator/page.js";
import { readParameters } from "../../../src/simulator/parameters.js";
import { EventLog } from "../../../src/simulator/jobs/event-log.js";
import { createSimulation, type Simulation } from "../../../src/simulator/jobs/simulation.js";

/** One call to the virtual upstream. `round` counts the calls that began together as one. */
export type VirtualCall = { readonly path: string; readonly round: number };

/**
 * The simulator without sockets, with its own clock: each call takes some virtual time. The client's own code writes
 * the path and reads the answer.
 */
export class VirtualModelArts implements Pick<ModelArtsClient, "listEvents"> {
  nowMs = Date.UTC(2026, 0, 1);
  latencyMs = 5;
  calls: VirtualCall[] = [];
  /** The number of next calls with an offset that get no rows, regardless of the total. */
  missNextRows = 0;
  /** Changes right before the answers to the next calls, one each; for parallel calls all happen at the same time. */
  before: (() => void)[] = [];
  /** Whether the last one of several calls that begin together is answered first. */
  isReversed = false;
  /** Whether the range of time in calls with the smallest page does not count in their total. */
  ignoresTime = false;
  /** The number of newest events that the replicas do not have yet, for the next calls, one each. */
  lags: number[] = [];
  /** The messages of events whose time cannot be read. */
  readonly unreadable = new Set<string>();
  /** The errors of the next calls, one each. */
  failures: GatewayError[] = [];
  readonly simulation: Simulation;
  #landing: Promise<void> | null = null;
  #waiting: (() => void)[] = [];
  #round = 0;

  constructor() {
    this.simulation = createSimulation(() => this.nowMs, {});
    this.simulation.jobs.clear();
  }

  /** Whether a call is in flight. */
  get isBusy(): boolean {
    return this.#landing !== null;
  }

  async listEvents(...[request, call]: Parameters<ModelArtsClient["listEvents"]>): Promise<EventsAnswer> {
    const path = eventsPath("", request);
    if (this.#landing === null) {
      this.#round += 1;
      // Calls that begin before others have ended run in parallel and take the time of one.
      this.#landing = new Promise((resolve) => {
        setImmediate(() => {
          for (const answer of this.#waiting.splice(0).reverse()) answer();
          this.nowMs += this.latencyMs;
          this.#landing = null;
          resolve();
        });
      });
    }
    this.calls.push({ path, round: this.#round });
    const answered = new Promise<ReturnType<typeof eventsPage> | null>((resolve) => {
      const answer = (): void => {
        resolve(this.#answerNow(request, path));
      };
      if (this.isReversed) this.#waiting.push(answer);
      else answer();
    });
    await this.#landing;
    call.signal.throwIfAborted();
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const body = await answered;
    if (body === null) throw new GatewayError("UPSTREAM_BAD_REQUEST", "The virtual upstream refuses.");
    const answer = readEventsAnswer(this.#spoiled(body), request.limit, {}, isPartialRead(request));
    if ("problem" in answer) throw new GatewayError("UPSTREAM_INVALID_RESPONSE", answer.problem);
    if (request.offset === 0 || this.missNextRows === 0) return answer;
    this.missNextRows -= 1;
    return { ...answer, events: [] };
  }

  #answerNow({ projectId, jobId, language }: EventsRequest, path: string) {
    this.before.shift()?.();
    const log = this.simulation.jobs.find({ projectId, jobId });
    const query = readParameters(new URL(path, "http://virtual").searchParams);
    if (log === null || query === null) return null;
    const counted = this.ignoresTime && query.limit === 1 ? { ...query, time: null } : query;
    const lag = this.lags.shift() ?? 0;
    const shown = lag === 0 ? log : new EventLog(log.rows.slice(0, -lag));
    return eventsPage(shown, counted, language === "zh-cn", this.simulation.switches);
  }

  #spoiled(body: NonNullable<ReturnType<typeof eventsPage>>): unknown {
    if (this.unreadable.size === 0) return body;
    const events = (body.events ?? []) as readonly { message?: string }[];
    return {
      ...body,
      events: events.map((event) =>
        this.unreadable.has(event.message ?? "") ? { ...event, time: "yesterday" } : event,
      ),
    };
  }

  /** The number of calls and of rounds since the last request for them. */
  takeCalls(): { calls: number; rounds: number } {
    const rounds = new Set(this.calls.map(({ round }) => round)).size;
    const calls = this.calls.length;
    this.calls = [];
    return { calls, rounds };
  }
}
