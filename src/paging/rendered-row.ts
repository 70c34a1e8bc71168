import { type EventEdge, type EventNode } from "./connection.js";

/**
 * A part of a page that is the same object each time it is shown, with a place for what was written of it last. One
 * place and not one for each writer: so it stays as small as the page itself.
 */
export class RenderedRow {
  #writer: unknown = null;
  #text = "";

  /** What `writer` writes of this; written anew only when another wrote last. */
  writtenBy(writer: (shown: object) => string): string {
    if (this.#writer !== writer) {
      this.#text = writer(this);
      this.#writer = writer;
    }
    return this.#text;
  }
}

export class RenderedNode extends RenderedRow implements EventNode {
  constructor(
    readonly time: string,
    readonly level: EventNode["level"],
    readonly source: EventNode["source"],
    readonly message: string,
    private readonly isPlain: boolean,
  ) {
    super();
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
