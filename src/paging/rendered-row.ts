import { type EventEdge, type EventNode } from "./connection.js";

/**
 * A part of a page that keeps its last rendered text. It keeps one text, not one for each writer, so it stays as small
 * as the page itself.
 */
export class RenderedRow {
  #writer: unknown = null;
  #text = "";

  /** The text that `writer` writes; written again only if another writer was the last one. */
  writtenBy(writer: (shown: object) => string): string {
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
    private readonly isPlain: boolean,
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

  /** The message as JSON. */
  get messageJson(): string {
    return this.isPlain ? `"${this.message}"` : JSON.stringify(this.message);
  }
}

export class ShownEdge extends RenderedRow implements EventEdge {
  constructor(
    readonly cursor: string,
    readonly node: EventNode,
  ) {
    super();
  }
}
