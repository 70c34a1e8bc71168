import { SingleFlight } from "../common/single-flight.js";
import { GatewayError } from "../errors.js";
import { type EventsAnswer, type ModelArtsClient } from "../modelarts/client.js";
import { rowOf } from "../paging/row.js";
import { BLOCK_ROWS, type BlockRef } from "./geometry.js";
import { callOf, type EventLog, type ReadCall } from "./event-log.js";
import { type OffsetUnitState, unitShownByCount, unitShownByRows } from "./offset-unit.js";
import { type Segment } from "./segment.js";
import { brokenLaw, exceedsTotal, isTotalTooSmall, LawBroken } from "./upstream-laws.js";

/** Filters in addition to the log's filter. */
export type NarrowerFilter = Partial<Pick<EventLog["request"], "level" | "source" | "time">>;

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
    const { total: counted, events } = await this.#listLawfully(log, ref, call);
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

  /** The number of events of a log that match a narrower filter: one call with the smallest page. */
  async count(log: EventLog, narrower: NarrowerFilter, call: ReadCall): Promise<number> {
    const { requestId, trace = null, signal, deadlineMs } = call;
    const context = { credentials: log.credentials, requestId, trace, signal, deadlineMs };
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
    if (this.unit.current === "page" || !exceedsTotal(ref.start, answer)) return answer;
    // A row that was written between counting and selecting does not break a rule. The next answer counts it.
    const again = await this.#list(log, ref.offset, call);
    if (isTotalTooSmall(ref.start, answer, again)) throw new LawBroken("total", log.request, call.requestId);
    return again;
  }

  /**
   * Lists rows. A refused offset can be past the end: after the last page if the unit of `offset` is unknown, or after
   * the last row of a log that shrank.
   */
  async #listAt(log: EventLog, { offset, start }: BlockRef, call: ReadCall): Promise<EventsAnswer> {
    try {
      return await this.#list(log, offset, call);
    } catch (error) {
      if (!isRefusedOffset(error) || offset === 0) throw error;
      if (!this.unit.isDecided) {
        const assumed = this.unit.current;
        await this.#probe(log, call);
        this.unit.expect(assumed);
      }
      const { total } = await this.#list(log, 0, call);
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
        this.#list(log, 0, own),
        this.#list(log, 1, own).catch((error: unknown) => {
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
    offset: number,
    { requestId, trace = null, signal, deadlineMs }: ReadCall,
  ): Promise<EventsAnswer> {
    const { request, credentials } = log;
    return this.client.listEvents(
      { offset, limit: BLOCK_ROWS, ...request },
      { credentials, requestId, trace, signal, deadlineMs },
    );
  }
}

/** Whether the upstream refused a call whose offset is the only unusual part of it. */
function isRefusedOffset(error: unknown): boolean {
  return error instanceof GatewayError && error.code === "UPSTREAM_BAD_REQUEST";
}
