import { type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { type LiveResults, OperationFailed, resultsThrough } from "../../../graphql/live/live-results.js";
import { type LiveConnection } from "../connections.js";
import { type EndReason, type LiveClient } from "../live-operation.js";

/** One response that is a stream of events, and who reads it. */
export class SseConnection implements LiveConnection, LiveClient {
  readonly transport = "sse";
  endReason: EndReason | null = null;

  /** @param stallMs a client that takes nothing of what waits for it for so long is cut off */
  constructor(
    private readonly response: ServerResponse,
    readonly requestId: string,
    readonly headers: IncomingHttpHeaders,
    private readonly stallMs: number,
  ) {
    response.on("timeout", () => {
      this.cut();
    });
  }

  /** Ends the response without the event that would tell the client that all is said: so it comes back. */
  close(): void {
    this.endReason ??= "shutdown";
    this.response.end();
  }

  cut(): void {
    this.endReason ??= "stalled";
    this.response.destroy();
  }

  /** Sends a body as fast as the client reads it, and ends it when the client leaves. */
  async send(body: AsyncGenerator<string, void, undefined>): Promise<void> {
    const { response } = this;
    const end = (): void => {
      void body.return();
    };
    if (response.destroyed) end();
    else response.once("close", end);
    try {
      for await (const chunk of body) {
        if (response.writableEnded || response.destroyed) break;
        response.write(chunk);
        await this.#read();
      }
    } finally {
      response.end();
    }
  }

  /**
   * An operation's results as the events of a stream: none is asked for before the client has read the one before it,
   * and errors that end the operation are a result, since the protocol has no other place for them.
   */
  eventsOf(results: LiveResults): LiveResults {
    const next: LiveResults["next"] = async () => {
      await this.#read();
      try {
        return await results.next();
      } catch (error) {
        if (!(error instanceof OperationFailed)) throw error;
        return { done: false, value: { errors: error.errors } };
      }
    };
    return resultsThrough(results, next, () => undefined);
  }

  /** Waits until the client has read enough to be sent more, or is gone. */
  #read(): Promise<void> {
    const { response, stallMs } = this;
    if (!response.writableNeedDrain || response.destroyed) return Promise.resolve();
    // Node's own time limit: it begins anew whenever the client takes anything.
    response.setTimeout(stallMs);
    return new Promise((resolve) => {
      const done = (): void => {
        response.off("drain", done).off("close", done);
        response.setTimeout(0);
        resolve();
      };
      response.on("drain", done).on("close", done);
    });
  }
}
