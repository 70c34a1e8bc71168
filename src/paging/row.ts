import { crc32 } from "node:zlib";
import { LEVELS, SOURCES, type TrainingJobEvent } from "../training-job-event.js";
import { type EventEdge } from "./connection.js";
import { isoTime } from "./iso-time.js";
import { RenderedNodeWithTexts, type StoredTexts, RenderedEdge, RenderedNode } from "./rendered-row.js";
import {
  LEVEL_CAPITALIZED,
  messageForm,
  STORED_TEXTS,
  SOURCE_CAPITALIZED,
  textForm,
  textOf,
} from "./row-form.js";

/**
 * Identifies an event after its ordinal has changed, because the upstream gives events no IDs. Its first three fields
 * describe the event. The other three distinguish exact repeats within a second; they count at most `MARK_REACH` earlier
 * rows.
 */
export type Mark = {
  readonly timeMs: number;
  /** Level and source as one small number; the same in every language. */
  readonly kind: number;
  /** Checksum of the message. */
  readonly message: number;
  /** The number of earlier rows in the same second with the same kind and message. */
  readonly rank: number;
  /** The number of earlier rows in the same second with the same kind; the same in every language. */
  readonly kindRank: number;
  /** 16-bit hash of the earlier rows in the same second. */
  readonly context: number;
};

/** Levels and sources by kind. The last of each is null, for unknown values. */
export const KINDS = [...LEVELS, null].flatMap((level) =>
  [...SOURCES, null].map((source) => ({ level, source })),
);

/**
 * An event as a row of one log in one language. Derived values are computed once and stored in the row. Fields are used
 * instead of WeakMaps, because filling WeakMaps took a fifth of the time of a new page.
 */
export class Row implements TrainingJobEvent {
  /** Its mark, after the first request for it. */
  mark: Mark | null = null;
  #node: RenderedNode | null = null;
  #edge: EventEdge | null = null;
  #ordinal = -1;
  #scope: object | null = null;

  /**
   * @param kind level and source as one small number
   * @param checksum the checksum of the message
   * @param form how its texts are written: bits of `row-form.ts`
   */
  constructor(
    readonly timeMs: number,
    readonly level: TrainingJobEvent["level"],
    readonly source: TrainingJobEvent["source"],
    readonly message: string,
    readonly kind: number,
    readonly checksum: number,
    readonly form: number,
  ) {}

  /** The event in the form of the schema. */
  get node(): RenderedNode {
    this.#node ??= this.makeNode(isoTime(this.timeMs));
    return this.#node;
  }

  get levelText(): string | null {
    return textOf(this.level, this.form, LEVEL_CAPITALIZED);
  }

  get sourceText(): string | null {
    return textOf(this.source, this.form, SOURCE_CAPITALIZED);
  }

  protected makeNode(time: string): RenderedNode {
    return new RenderedNode(time, this.level, this.source, this.message, this.form);
  }

  /**
   * Returns the edge of a row whose cursor depends only on the row, its ordinal and the cursor's scope.
   * @param write writes the cursor if it does not exist yet
   */
  edgeAt(ordinal: number, scope: object, write: (ordinal: number) => string): EventEdge {
    if (this.#edge !== null && this.#ordinal === ordinal && this.#scope === scope) return this.#edge;
    this.#edge = new RenderedEdge(write(ordinal), this.node);
    this.#ordinal = ordinal;
    this.#scope = scope;
    return this.#edge;
  }
}

/** A row whose level or source is not in the schema. A subclass, so that other rows stay smaller. */
export class RowWithTexts extends Row {
  constructor(
    timeMs: number,
    level: TrainingJobEvent["level"],
    source: TrainingJobEvent["source"],
    message: string,
    kind: number,
    checksum: number,
    form: number,
    private readonly texts: StoredTexts,
  ) {
    super(timeMs, level, source, message, kind, checksum, form);
  }

  override get levelText(): string | null {
    return this.texts.levelText;
  }

  override get sourceText(): string | null {
    return this.texts.sourceText;
  }

  protected override makeNode(time: string): RenderedNode {
    return new RenderedNodeWithTexts(time, this.level, this.source, this.message, this.form, this.texts);
  }
}

/** Makes the row of an event. */
export function rowOf(event: TrainingJobEvent): Row {
  const { timeMs, level, source, message, levelText = level, sourceText = source } = event;
  const levelAt = level === null ? LEVELS.length : LEVELS.indexOf(level);
  const sourceAt = source === null ? SOURCES.length : SOURCES.indexOf(source);
  const kind = levelAt * (SOURCES.length + 1) + sourceAt;
  const form =
    messageForm(message) |
    textForm(level, levelText, LEVEL_CAPITALIZED) |
    textForm(source, sourceText, SOURCE_CAPITALIZED);
  const checksum = crc32(message);
  return (form & STORED_TEXTS) === 0
    ? new Row(timeMs, level, source, message, kind, checksum, form)
    : new RowWithTexts(timeMs, level, source, message, kind, checksum, form, { levelText, sourceText });
}
