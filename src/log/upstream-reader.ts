import { GatewayError } from "../errors.js";
import { type EventsAnswer, type ModelArtsClient } from "../modelarts/client.js";
import { BLOCK_ROWS, type BlockRef } from "./geometry.js";
import { type Log, type ReadCall } from "./log.js";
import { type OffsetUnitState, unitShownBy } from "./offset-unit.js";
import { compareRuns, type Segment } from "./segment.js";

/** Reads runs of rows from the upstream. */
export class UpstreamReader {
  constructor(
    private readonly client: Pick<ModelArtsClient, "listEvents">,
    private readonly unit: OffsetUnitState,
    private readonly nowMs: () => number,
  ) {}

  /**
   * Reads one run; it is empty when the log is shorter.
   * @throws OffsetUnitChanged when the answer shows that the run was asked for in the wrong unit
   * @throws GatewayError what the client throws; UPSTREAM_INVALID_RESPONSE when rows are missing
   */
  async read(log: Log, ref: BlockRef, call: ReadCall): Promise<Segment> {
    const readAtMs = this.nowMs();
    const assumed = this.unit.current;
    const { total: counted, events } = await this.#list(log, ref.offset, call);
    this.unit.expect(assumed);
    if (!this.unit.isDecided && ref.offset > 0) {
      const shown = unitShownBy(ref.offset, BLOCK_ROWS, counted, events.length);
      if (shown !== null) this.unit.decide(shown);
      else if (events.length > 0) await this.#probe(log, call);
    }
    // An upstream that counts before it selects may give a row more than it counted.
    const total = events.length === 0 ? counted : Math.max(counted, ref.start + events.length);
    if (events.length < Math.min(BLOCK_ROWS, total - ref.start)) {
      throw new GatewayError(
        "UPSTREAM_INVALID_RESPONSE",
        `ModelArts counts ${total} events but gave ${events.length} at offset ${ref.offset}.`,
      );
    }
    return { start: ref.start, rows: events, total, readAtMs };
  }

  /** Asks what cannot be mistaken: the rows at offset 1 repeat those at offset 0 when offsets count rows. */
  async #probe(log: Log, call: ReadCall): Promise<void> {
    const [zero, one] = await Promise.all([this.#list(log, 0, call), this.#list(log, 1, call)]);
    const [first] = one.events;
    const repeats = zero.events.some(
      (row) =>
        first !== undefined && compareRuns({ start: 0, rows: [row] }, { start: 0, rows: [first] }) === "same",
    );
    this.unit.decide(repeats ? "row" : "page");
  }

  #list(log: Log, offset: number, call: ReadCall): Promise<EventsAnswer> {
    call.charge();
    return this.client.listEvents(
      { ...log.request, offset, limit: BLOCK_ROWS },
      {
        credentials: log.credentials,
        requestId: call.requestId,
        signal: call.signal,
        deadlineMs: call.deadlineMs,
      },
    );
  }
}
