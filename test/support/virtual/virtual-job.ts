import { type EventInput } from "../../../src/simulator/jobs/event.js";
import { JOB, VirtualGateway } from "./virtual-gateway.js";
import { VirtualModelArts } from "./virtual-modelarts.js";

/** The time of the first event of {@link VirtualJob}'s logs. */
export const START_MS = Date.UTC(2025, 11, 1);

/** One job of a virtual upstream, with shorthands for its changes. */
export class VirtualJob {
  readonly upstream = new VirtualModelArts();
  #written = 0;

  /** @param times the second of each event, counted from {@link START_MS}; its message contains its place */
  constructor(times: readonly number[]) {
    this.upstream.simulation.jobs.create(
      JOB.jobId,
      times.map((second, index) => ({ timeMs: START_MS + second * 1000, message: `event ${index}` })),
    );
  }

  /** A job of `count` events, one a second. */
  static ofLength(count: number): VirtualJob {
    return new VirtualJob(Array.from({ length: count }, (_, index) => index));
  }

  /** A process with an empty cache. */
  gateway(offset: "row" | "page" | "auto" = "row"): VirtualGateway {
    return new VirtualGateway(this.upstream, offset);
  }

  /** Writes events at the end, each with a different message. */
  append(count: number): void {
    for (let index = 0; index < count; index += 1) this.write({});
  }

  /** Inserts an event after all events of its second or earlier. */
  insertLate(second: number, event: Partial<EventInput> = {}): void {
    this.write({ ...event, timeMs: START_MS + second * 1000 });
  }

  write(event: Partial<EventInput>): void {
    this.#written += 1;
    this.upstream.simulation.jobs.add(JOB.jobId, [{ message: `written ${this.#written}`, ...event }]);
  }

  trim(count: number): void {
    this.upstream.simulation.jobs.trim(JOB.jobId, count);
  }

  advanceClock(ms: number): void {
    this.upstream.nowMs += ms;
  }

  /** The messages of the whole log as it is now, oldest first. */
  messages(): string[] {
    return this.upstream.simulation.jobs.rows(JOB.jobId).map(({ message }) => message ?? "");
  }
}
