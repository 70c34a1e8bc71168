import { crc32 } from "node:zlib";
import { LEVELS, SOURCES, type TrainingJobEvent } from "../training-job-event.js";
import { type EventEdge, type EventNode } from "./connection.js";
import { isoTime } from "./iso-time.js";

/**
 * What identifies an event when its place in the log has changed, since the upstream gives events no IDs.
 * The first three are the event's own, the other three tell it from its repeats in the same second.
 */
export type Mark = {
  readonly timeMs: number;
  /** Level and source as one small number; the same in every language. */
  readonly kind: number;
  /** Checksum of the message. */
  readonly message: number;
  /** How many rows of the same second within reach before it repeat kind and message. */
  readonly rank: number;
  /** How many rows of the same second within reach before it have the same kind; the same in every language. */
  readonly kindRank: number;
  /** 16-bit hash of the rows of the same second within reach before it. */
  readonly context: number;
};

/**
 * An event as a row of one log in one language. What is asked of it again and again is made once and lives as long as
 * the row: fields of its own, because to fill a WeakMap took a fifth of the time of a page that was new.
 */
export class Row implements TrainingJobEvent {
  /** Level and source as one small number. */
  readonly kind: number;
  /** Its mark, once it has been asked for. */
  mark: Mark | null = null;
  #checksum = -1;
  #node: EventNode | null = null;
  #edge: EventEdge | null = null;
  #ordinal = -1;
  #scope: object | null = null;

  constructor(
    readonly timeMs: number,
    readonly level: TrainingJobEvent["level"],
    readonly source: TrainingJobEvent["source"],
    readonly message: string,
  ) {
    this.kind =
      (level === null ? LEVELS.length : LEVELS.indexOf(level)) * (SOURCES.length + 1) +
      (source === null ? SOURCES.length : SOURCES.indexOf(source));
  }

  /** Of the message. */
  get checksum(): number {
    if (this.#checksum < 0) this.#checksum = crc32(this.message);
    return this.#checksum;
  }

  /** As the graph shows it. */
  get node(): EventNode {
    const { timeMs, level, source, message } = this;
    this.#node ??= { time: isoTime(timeMs), level, source, message };
    return this.#node;
  }

  /**
   * Its edge where the cursor depends on nothing but the row, its ordinal and the cursor's scope.
   * @param write writes the cursor, when there is none yet
   */
  edgeAt(ordinal: number, scope: object, write: (ordinal: number) => string): EventEdge {
    if (this.#edge !== null && this.#ordinal === ordinal && this.#scope === scope) return this.#edge;
    this.#edge = { cursor: write(ordinal), node: this.node };
    this.#ordinal = ordinal;
    this.#scope = scope;
    return this.#edge;
  }
}
