import { type GraphQLFormattedError } from "graphql";
import { type BeginOperation } from "../context.js";

/** One operation as a client sends it. */
export type LiveRequest = {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
  readonly extensions?: Record<string, unknown> | null | undefined;
};

/** One result of an operation. It is written as JSON once for all clients that get it. */
export class LiveResult {
  #bytes: Buffer | null = null;

  /**
   * @param json the execution result
   * @param events how many events are in it
   * @param endCursor `after` of the subscription that continues behind this result; null for a query
   */
  constructor(
    readonly json: string,
    readonly events: number,
    readonly endCursor: string | null,
  ) {}

  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(this.json, "utf8");
    return this.#bytes;
  }
}

/** Who runs an operation, and where its results go. */
export type LiveCall = {
  readonly begin: BeginOperation;
  /** The event ID of a browser that reconnects: overrides `after` and `last` of a subscription. */
  readonly resumeAfter: string | null;
  /** Whether the client has read what it was sent, so that more may be sent. */
  readonly isReady: boolean;
  /** Calls back once the client is ready, in the order of the calls. A client that leaves is never ready. */
  whenReady(callback: () => void): void;
  /** Called when the operation turns out to be a subscription that may run. */
  onSubscription(operationName: string | null): void;
  send(result: LiveResult): void;
  /** Ends the operation. @param errors why it failed; null where it is complete */
  end(errors: readonly GraphQLFormattedError[] | null): void;
};

/** An operation that runs. */
export type LiveRun = {
  /** Ends all work for it. Nothing is sent afterwards. */
  stop(): void;
};

export type RunLive = (request: LiveRequest, call: LiveCall) => LiveRun;
