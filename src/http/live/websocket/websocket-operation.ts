import { type FormattedExecutionResult, type GraphQLFormattedError } from "graphql";
import { type LiveRequest, type LiveResult } from "../../../graphql/live/live-call.js";
import { LiveOperation, type LiveOperationParts, type OperationChannel } from "../live-operation.js";
import { type WebSocketConnection } from "./websocket-connection.js";

type NextResult = IteratorResult<FormattedExecutionResult, void>;

/** Thrown to end the iteration of an operation with the errors for its client. */
export class OperationFailed extends Error {
  override readonly name = "OperationFailed";

  constructor(readonly errors: readonly GraphQLFormattedError[]) {
    super("The operation ended with errors.");
  }
}

/**
 * One operation on a WebSocket. Its results are written directly to the socket, as bytes that several clients share.
 * graphql-ws gets an iterator without results, which only shows the end of the operation, so its rules for IDs and
 * messages still apply.
 */
export class WebSocketOperation implements OperationChannel {
  readonly #prefix: string;
  readonly #operation: LiveOperation;
  #settle: { resolve: (result: NextResult) => void; reject: (error: Error) => void } | null = null;
  #outcome: (() => Promise<NextResult>) | null = null;

  constructor(
    parts: LiveOperationParts,
    readonly client: WebSocketConnection,
    id: string,
    request: LiveRequest,
  ) {
    this.#prefix = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
    this.#operation = new LiveOperation(parts, this, request, null);
    client.add(this.#operation);
  }

  get isReady(): boolean {
    return this.client.isReady;
  }

  whenReady(callback: () => void): void {
    this.client.whenReady(callback);
  }

  send(result: LiveResult): void {
    this.client.send(this.#prefix, result.bytes);
  }

  end(errors: readonly GraphQLFormattedError[] | null): void {
    this.client.remove(this.#operation);
    if (errors === null) {
      this.#outcome = () => Promise.resolve({ done: true, value: undefined });
      this.#settle?.resolve({ done: true, value: undefined });
    } else {
      const failure = new OperationFailed(errors);
      this.#outcome = () => Promise.reject(failure);
      this.#settle?.reject(failure);
    }
  }

  /** graphql-ws would send a message at the end of the iteration, so the iteration goes on. */
  endIncomplete(): void {
    this.client.remove(this.#operation);
  }

  /** The iterator for graphql-ws. */
  next(): Promise<NextResult> {
    if (this.#outcome !== null) return this.#outcome();
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  return(): Promise<NextResult> {
    this.#operation.stop();
    this.end(null);
    return this.next();
  }

  throw(): Promise<NextResult> {
    return this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
