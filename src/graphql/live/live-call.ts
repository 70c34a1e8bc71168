import { type GraphQLFormattedError } from "graphql";
import { type BeginOperation } from "../context.js";

/** One operation in the form that a client sends. */
export type LiveRequest = {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
  readonly extensions?: Record<string, unknown> | null | undefined;
};

/** One result of an operation. It is formatted as JSON once for all its clients. */
export class LiveResult {
  #bytes: Buffer | null = null;

  /**
   * @param json the execution result
   * @param events the number of events in the result
   * @param endCursor the `after` of a subscription that continues after this result; null for a query
   * @param code the code of the first error in the result of a query; null without an error
   */
  constructor(
    readonly json: string,
    readonly events: number,
    readonly endCursor: string | null,
    readonly code: string | null = null,
  ) {}

  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(this.json, "utf8");
    return this.#bytes;
  }
}

/** One running operation of a client: its context and the channel for its results. */
export type LiveCall = {
  readonly begin: BeginOperation;
  /** The event ID of a browser that reconnects. It overrides `after` and `last` of a subscription. */
  readonly resumeAfter: string | null;
  /** Whether the client has read all sent data, so that more may be sent. */
  readonly isReady: boolean;
  /** Calls back once when the client is ready, in the order of the calls. Never calls back if the client leaves. */
  whenReady(callback: () => void): void;
  /** Called when the operation is known to be a subscription that may run. */
  onSubscription(operationName: string | null): void;
  send(result: LiveResult): void;
  /** Ends the operation. @param errors the reasons of a failure; null if it is complete */
  end(errors: readonly GraphQLFormattedError[] | null): void;
};

/** An operation that runs. */
export type LiveRun = {
  /** Ends all work for it. Nothing is sent afterwards. */
  stop(): void;
};

export type RunLive = (request: LiveRequest, call: LiveCall) => LiveRun;
