import { SingleFlight } from "../common/single-flight.js";
import { GatewayError } from "../errors.js";
import { type EventsAnswer, type EventsRequest, type ModelArtsClient } from "../modelarts/client.js";
import { rowOf } from "../paging/row.js";
import { BLOCK_ROWS, type BlockRef } from "./geometry.js";
import { callOf, type EventLog, type ReadCall } from "./event-log.js";
import { type OffsetUnitState, unitShownByCount, unitShownByRows } from "./offset-unit.js";
import { INCONSISTENT_ANSWERS, upstreamError } from "../modelarts/upstream-error.js";
import { type TrainingJobEvent } from "../training-job-event.js";
import { type Segment } from "./segment.js";
import {
  brokenLaw,
  exceedsTotal,
  isFullAtEnd,
  isOffsetIgnored,
  isPatternDoubtful,
  isTotalTooSmall,
  LawBroken,
  startsWith,
} from "./upstream-laws.js";

/** Filters in addition to the log's filter. */
export type NarrowerFilter = Partial<Pick<EventLog["request"], "level" | "source" | "time">>;

/** The rows of a call, and the parts in which it differs from others of its log. */
type Part = Pick<EventsRequest, "offset"> & Partial<EventsRequest>;

/** Reads runs of rows from the upstream. */
export class UpstreamReader {
  readonly #probes: SingleFlight<void>;

  constructor(
    private readonly client: Pick<ModelArtsClient, "listEvents">,
    private readonly unit: OffsetUnitState,
    private readonly nowMs: () => number,
  ) {
    this.#probes = new SingleFlight(nowMs);
  }

  /**
   * Reads one run. The run is empty if the log is shorter.
   * @throws OffsetUnitChanged if the answer shows that the call used the wrong unit of `offset`
   * @throws GatewayError errors of the client; UPSTREAM_INVALID_RESPONSE if rows are missing
   */
  async read(log: EventLog, ref: BlockRef, call: ReadCall): Promise<Segment> {
    const readAtMs = this.nowMs();
    const assumed = this.unit.current;
    const answer = await this.#listLawfully(log, ref, call);
    const events = await this.#timed(log, ref, answer, call);
    const { total: counted } = answer;
    this.unit.expect(assumed);
    if (!this.unit.isDecided && ref.offset > 0 && counted > BLOCK_ROWS) {
      const shown = unitShownByCount(ref.offset, BLOCK_ROWS, counted, events.length);
      if (shown === "row") this.unit.settle(shown);
      else if (events.length > 0 || shown === "page") await this.#probe(log, call);
      this.unit.expect(assumed);
    }
    // An upstream that counts before it selects can return one row more than it counted.
    const total = events.length === 0 ? counted : Math.max(counted, ref.start + events.length);
    if (events.length < Math.min(BLOCK_ROWS, total - ref.start)) {
      throw new LawBroken("limit", log.request, call.requestId);
    }
    const rows = events.map(rowOf);
    return { start: ref.start, rows, total, readAtMs };
  }

  /**
   * The events of a run, each with a time. The first ones without a readable time get that of the event before them, so
   * that they have the same time in every run; if there is none, that of the event after them.
   * @throws GatewayError UPSTREAM_INVALID_RESPONSE if no event has a readable time
   */
  async #timed(
    log: EventLog,
    ref: BlockRef,
    { events, untimed = 0 }: EventsAnswer,
    call: ReadCall,
  ): Promise<readonly TrainingJobEvent[]> {
    if (untimed === 0) return events;
    const beforeMs = ref.start === 0 ? NaN : await this.#timeBefore(log, ref, events, call);
    if (Number.isNaN(beforeMs)) {
      if (untimed < events.length) return events;
      throw upstreamError("UPSTREAM_INVALID_RESPONSE", { modelArts: INCONSISTENT_ANSWERS });
    }
    return events.map((event, at) => (at < untimed ? { ...event, timeMs: beforeMs } : event));
  }

  /** The time of the event before a run, in milliseconds since the epoch; NaN if it is unknown or the log has moved. */
  async #timeBefore(
    log: EventLog,
    { start, offset }: BlockRef,
    [first]: readonly TrainingJobEvent[],
    call: ReadCall,
  ): Promise<number> {
    if (this.unit.current === "page") {
      const { events } = await this.#list(log, { offset: offset - 1 }, call);
      return events.at(-1)?.timeMs ?? NaN;
    }
    const rows = Math.min(start, BLOCK_ROWS - 1);
    const { events } = await this.#list(log, { offset: start - rows }, call);
    return events[rows]?.message === first?.message ? (events[rows - 1]?.timeMs ?? NaN) : NaN;
  }

  /** The number of events of a log that match a narrower filter: one call with the smallest page. */
  async count(log: EventLog, narrower: NarrowerFilter, call: ReadCall): Promise<number> {
    const { requestId, trace = null, signal, deadlineMs } = call;
    const { credentials, tenant } = log;
    const context = { credentials, tenant, requestId, trace, signal, deadlineMs };
    const request = { ...log.request, ...narrower, offset: 0, limit: 1 };
    return (await this.client.listEvents(request, context)).total;
  }

  /**
   * Lists the rows of a run and checks the documented rules that an answer can show.
   * @throws GatewayError UPSTREAM_INVALID_RESPONSE if an answer breaks one
   */
  async #listLawfully(log: EventLog, ref: BlockRef, call: ReadCall): Promise<EventsAnswer> {
    const answer = await this.#listAt(log, ref, call);
    const law = brokenLaw(log.request, answer);
    if (law !== null) throw new LawBroken(law, log.request, call.requestId);
    if (isPatternDoubtful(log.request, answer) && (await this.#isPatternIgnored(log, ref, answer, call))) {
      throw new LawBroken("pattern", log.request, call.requestId);
    }
    if (this.unit.current === "page") return answer;
    if (isFullAtEnd(ref, answer)) await this.#checkEnd(log, answer.total, call);
    return this.#counted(log, { offset: ref.start }, answer, call);
  }

  /** Whether the same call without `pattern` returns the same rows. */
  async #isPatternIgnored(
    log: EventLog,
    { offset }: BlockRef,
    { events }: EventsAnswer,
    call: ReadCall,
  ): Promise<boolean> {
    const all = await this.#list(log, { offset, messageContains: null }, call);
    return startsWith(all.events, events);
  }

  /**
   * Reads the last row of a log, because a full answer that ends at the total does not show further rows.
   * @throws GatewayError UPSTREAM_INVALID_RESPONSE if there are rows after the total
   */
  async #checkEnd(log: EventLog, total: number, call: ReadCall): Promise<void> {
    const last = { offset: total - 1, limit: 2 };
    await this.#counted(log, last, await this.#list(log, last, call), call);
  }

  /**
   * The answer if its total counts its rows, otherwise a second one. A row that was written between counting and
   * selecting does not break a rule; the next answer counts it.
   * @throws GatewayError UPSTREAM_INVALID_RESPONSE if the second answer does not count the rows either
   */
  async #counted(log: EventLog, part: Part, answer: EventsAnswer, call: ReadCall): Promise<EventsAnswer> {
    if (!exceedsTotal(part.offset, answer)) return answer;
    const again = await this.#list(log, part, call);
    if (!isTotalTooSmall(part.offset, answer, again)) return again;
    const first = part.offset > 0 ? await this.#list(log, { ...part, offset: 0 }, call) : null;
    const law = first !== null && isOffsetIgnored(first.events, again.events) ? "offset" : "total";
    throw new LawBroken(law, log.request, call.requestId);
  }

  /**
   * Lists rows. A refused offset can be past the end: after the last page if the unit of `offset` is unknown, or after
   * the last row of a log that shrank.
   */
  async #listAt(log: EventLog, { offset, start }: BlockRef, call: ReadCall): Promise<EventsAnswer> {
    try {
      return await this.#list(log, { offset }, call);
    } catch (error) {
      if (!isRefusedOffset(error) || offset === 0) throw error;
      if (!this.unit.isDecided) {
        const assumed = this.unit.current;
        await this.#probe(log, call);
        this.unit.expect(assumed);
      }
      const { total } = await this.#list(log, { offset: 0 }, call);
      if (start < total) throw error;
      return { total, events: [] };
    }
  }

  /**
   * Finds the unit of `offset` with two probes. If offsets count rows, the rows at offset 1 repeat those at offset 0;
   * if offsets count pages, they follow them. All callers share one probe. If the answers show no unit, none is set.
   */
  async #probe(log: EventLog, call: ReadCall): Promise<void> {
    const waiter = { signal: call.signal, deadlineMs: call.deadlineMs() };
    await this.#probes.join("unit", 0, waiter, async (flight) => {
      const own = callOf(flight, call);
      const [zero, one] = await Promise.all([
        this.#list(log, { offset: 0 }, own),
        this.#list(log, { offset: 1 }, own).catch((error: unknown) => {
          if (isRefusedOffset(error)) return null;
          throw error;
        }),
      ]);
      // An offset of 1 within the list is refused only if it counts pages.
      const shown = one === null ? (zero.total > 1 ? "page" : null) : unitShownByRows(zero, one);
      if (shown !== null) this.unit.settle(shown);
    });
  }

  #list(
    log: EventLog,
    part: Part,
    { requestId, trace = null, signal, deadlineMs }: ReadCall,
  ): Promise<EventsAnswer> {
    const { request, credentials, tenant } = log;
    return this.client.listEvents(
      { limit: BLOCK_ROWS, ...request, ...part },
      { credentials, tenant, requestId, trace, signal, deadlineMs },
    );
  }
}

/** Whether the upstream refused a call whose offset is the only unusual part of it. */
function isRefusedOffset(error: unknown): boolean {
  return error instanceof GatewayError && error.code === "UPSTREAM_BAD_REQUEST";
}
