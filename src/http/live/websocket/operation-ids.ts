import { MessageType, parseMessage } from "graphql-ws";
import { type MemoryBudget } from "./memory-budget.js";

/** The limit of the total length of the messages of a connection's running operations, in characters. */
export const MESSAGES_MAX_LENGTH = 4 * 1024 * 1024;

/** The operation of one ID, from the client's message until the gateway has ended all work for it. */
type OperationState = {
  length: number;
  /** Whether the client has ended the operation and may use its ID again. */
  isCompleted: boolean;
  /** The next message with this ID; null if there is none. */
  next: string | null;
};

/**
 * The result of taking a message: `id-in-use` if its ID is in use, `over-limit` if the messages of all operations exceed
 * a limit.
 */
type TakeResult = "ok" | "id-in-use" | "over-limit";

/**
 * The operations of one connection by their IDs. graphql-ws treats an ID as free as soon as the client has ended its
 * operation. A new operation with this ID could then get mixed up with the old one, which is still ending. So the new
 * one waits here until the old one has ended.
 */
export class OperationIds {
  readonly #operations = new Map<string, OperationState>();
  #length = 0;
  #isOpen = true;

  /**
   * @param pass passes a message to graphql-ws. Its promise resolves when all work for the message has ended; it never
   *   rejects
   * @param maxLength the limit of the total length of all messages whose operations have not ended
   * @param memoryBudget the budget of all connections
   */
  constructor(
    private readonly pass: (message: string) => Promise<void>,
    private readonly maxLength: number,
    private readonly memoryBudget: MemoryBudget,
  ) {}

  /** The number of running operations, without those that wait for their ID. */
  get size(): number {
    return this.#operations.size;
  }

  take(message: string): TakeResult {
    const { type, id } = identified(message);
    const operation = this.#operations.get(id);
    if (type === MessageType.Subscribe) {
      if (!this.#isOpen) return "ok";
      if (operation !== undefined && (!operation.isCompleted || operation.next !== null)) return "id-in-use";
      if (this.#length + message.length > this.maxLength || this.memoryBudget.isExceeded) return "over-limit";
      if (operation === undefined) {
        this.#begin(id, message);
      } else {
        operation.next = message;
        this.#addLength(message.length);
      }
      return "ok";
    }
    if (type === MessageType.Complete && operation !== undefined) {
      operation.isCompleted = true;
      this.#addLength(-(operation.next?.length ?? 0));
      operation.next = null;
    }
    void this.pass(message);
    return "ok";
  }

  /** Drops all waiting messages, and new operations from now on. */
  close(): void {
    this.#isOpen = false;
  }

  #begin(id: string, message: string): void {
    this.#operations.set(id, { length: message.length, isCompleted: false, next: null });
    this.#addLength(message.length);
    void this.pass(message).then(() => {
      this.#end(id);
    });
  }

  #end(id: string): void {
    const operation = this.#operations.get(id);
    if (operation === undefined) return;
    const { length, next } = operation;
    this.#operations.delete(id);
    this.#addLength(-length - (next?.length ?? 0));
    if (next !== null && this.#isOpen) this.#begin(id, next);
  }

  #addLength(change: number): void {
    this.#length += change;
    this.memoryBudget.change(change);
  }
}

/** The type and the ID of a message. For invalid messages, graphql-ws answers with an error. */
function identified(message: string): { type: MessageType | null; id: string } {
  try {
    const parsed = parseMessage(message);
    return { type: parsed.type, id: "id" in parsed ? parsed.id : "" };
  } catch {
    return { type: null, id: "" };
  }
}
