import { crc32 } from "node:zlib";
import { LEVELS, SOURCES, type TrainingJobEvent } from "../training-job-event.js";
import { type EventEdge, type EventNode } from "./connection.js";
import { isoTime } from "./iso-time.js";
import { ShownEdge, RenderedNode } from "./rendered-row.js";

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

/** Levels and sources by kind; null, the last of each, stands for one that is not known. */
export const KINDS = [...LEVELS, null].flatMap((level) =>
  [...SOURCES, null].map((source) => ({ level, source })),
);

/** What JSON escapes in a text; a few characters more do no harm. */
const ESCAPED = /["\\\p{Control}\p{Surrogate}]/u;

/**
 * An event as a row of one log in one language. What is asked of it again and again is made once and lives as long as
 * the row: fields of its own, because to fill a WeakMap took a fifth of the time of a page that was new.
 */
export class Row implements TrainingJobEvent {
  /** Its mark, once it has been asked for. */
  mark: Mark | null = null;
  #node: EventNode | null = null;
  #edge: EventEdge | null = null;
  #ordinal = -1;
  #scope: object | null = null;

  /**
   * @param kind level and source as one small number
   * @param checksum of the message
   * @param isPlain whether the message is the same in JSON, but for the quotes
   */
  constructor(
    readonly timeMs: number,
    readonly level: TrainingJobEvent["level"],
    readonly source: TrainingJobEvent["source"],
    readonly message: string,
    readonly kind: number,
    readonly checksum: number,
    readonly isPlain: boolean,
  ) {}

  /** As the graph shows it. */
  get node(): EventNode {
    this.#node ??= new RenderedNode(
      isoTime(this.timeMs),
      this.level,
      this.source,
      this.message,
      this.isPlain,
    );
    return this.#node;
  }

  /**
   * Its edge where the cursor depends on nothing but the row, its ordinal and the cursor's scope.
   * @param write writes the cursor, when there is none yet
   */
  edgeAt(ordinal: number, scope: object, write: (ordinal: number) => string): EventEdge {
    if (this.#edge !== null && this.#ordinal === ordinal && this.#scope === scope) return this.#edge;
    this.#edge = new ShownEdge(write(ordinal), this.node);
    this.#ordinal = ordinal;
    this.#scope = scope;
    return this.#edge;
  }
}

/** The row of an event that was just read. */
export function rowOf({ timeMs, level, source, message }: TrainingJobEvent): Row {
  const levelAt = level === null ? LEVELS.length : LEVELS.indexOf(level);
  const sourceAt = source === null ? SOURCES.length : SOURCES.indexOf(source);
  const kind = levelAt * (SOURCES.length + 1) + sourceAt;
  return new Row(timeMs, level, source, message, kind, crc32(message), !ESCAPED.test(message));
}
