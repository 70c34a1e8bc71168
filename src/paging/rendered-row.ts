import { type EventEdge, type EventNode } from "./connection.js";
import { LEVEL_CAPITALIZED, PLAIN, SOURCE_CAPITALIZED, textOf } from "./row-form.js";

/** A part of a page that keeps its rendered text. It keeps only the last text, so that its memory has a limit. */
export class RenderedRow {
  #writer: unknown = null;
  #text = "";

  /** The text that `writer` makes of this object. The kept text is used if the same writer made it. */
  writtenBy(writer: (row: object) => string): string {
    if (this.#writer !== writer) {
      this.#text = writer(this);
      this.#writer = writer;
    }
    return this.#text;
  }
}

export class RenderedNode extends RenderedRow implements EventNode {
  #id: string | null = null;

  constructor(
    readonly time: string,
    readonly level: EventNode["level"],
    readonly source: EventNode["source"],
    readonly message: string,
    private readonly form: number,
  ) {
    super();
  }

  /** The ID, which is set when a page is first read with IDs. */
  get id(): string {
    if (this.#id === null) throw new Error("The event was read without its ID.");
    return this.#id;
  }

  get hasId(): boolean {
    return this.#id !== null;
  }

  setId(id: string): void {
    this.#id = id;
  }

  get levelText(): string | null {
    return textOf(this.level, this.form, LEVEL_CAPITALIZED);
  }

  get sourceText(): string | null {
    return textOf(this.source, this.form, SOURCE_CAPITALIZED);
  }

  /** The message as JSON. */
  get messageJson(): string {
    return (this.form & PLAIN) === 0 ? JSON.stringify(this.message) : `"${this.message}"`;
  }
}

/**
 * The level and the source as ModelArts wrote them. They are stored with a row if its bits (row-form.ts) cannot give
 * them.
 */
export type StoredTexts = { readonly levelText: string | null; readonly sourceText: string | null };

/** The node of an event whose level or source has a stored text. */
export class RenderedNodeWithTexts extends RenderedNode {
  constructor(
    time: string,
    level: EventNode["level"],
    source: EventNode["source"],
    message: string,
    form: number,
    private readonly texts: StoredTexts,
  ) {
    super(time, level, source, message, form);
  }

  override get levelText(): string | null {
    return this.texts.levelText;
  }

  override get sourceText(): string | null {
    return this.texts.sourceText;
  }
}

export class RenderedEdge extends RenderedRow implements EventEdge {
  constructor(
    readonly cursor: string,
    readonly node: EventNode,
  ) {
    super();
  }
}
