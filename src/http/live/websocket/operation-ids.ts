import { MessageType, parseMessage } from "graphql-ws";
import { type MemoryBudget } from "./memory-budget.js";

/** What a client has asked under one ID, from when it was asked until all that was done for it has ended. */
type Asked = {
  length: number;
  /** Whether the client has ended it: then it may use the ID again. */
  isCompleted: boolean;
  /** What it asks next under the ID; null for nothing. */
  next: string | null;
};

/** What becomes of a message: `twice` where its ID is in use, `too-much` where more waits than may. */
type Taken = "ok" | "twice" | "too-much";

/**
 * The operations of one connection by their IDs. graphql-ws takes an ID for free as soon as the client has ended its
 * operation, and then mixes up the one that still ends and the next one: here the next one waits until the ID is free.
 */
export class OperationIds {
  readonly #asked = new Map<string, Asked>();
  #length = 0;
  #isOpen = true;

  /**
   * @param pass gives a message to graphql-ws, and resolves when all that it led to has ended; never rejects
   * @param maxLength of all messages together whose operations have not ended
   * @param memoryBudget what other connections hold, too
   */
  constructor(
    private readonly pass: (message: string) => Promise<void>,
    private readonly maxLength: number,
    private readonly memoryBudget: MemoryBudget,
  ) {}

  /** How many have not ended; those that wait for their ID are not counted. */
  get size(): number {
    return this.#asked.size;
  }

  take(message: string): Taken {
    const { type, id } = identified(message);
    const asked = this.#asked.get(id);
    if (type === MessageType.Subscribe) {
      if (asked !== undefined && (!asked.isCompleted || asked.next !== null)) return "twice";
      if (this.#length + message.length > this.maxLength || this.memoryBudget.isExceeded) return "too-much";
      if (asked === undefined) {
        this.#begin(id, message);
      } else {
        asked.next = message;
        this.#hold(message.length);
      }
      return "ok";
    }
    if (type === MessageType.Complete && asked !== undefined) {
      asked.isCompleted = true;
      this.#hold(-(asked.next?.length ?? 0));
      asked.next = null;
    }
    void this.pass(message);
    return "ok";
  }

  /** Begins no more of what waits. */
  close(): void {
    this.#isOpen = false;
  }

  #begin(id: string, message: string): void {
    this.#asked.set(id, { length: message.length, isCompleted: false, next: null });
    this.#hold(message.length);
    void this.pass(message).then(() => {
      this.#end(id);
    });
  }

  #end(id: string): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    const { length, next } = asked;
    this.#asked.delete(id);
    this.#hold(-length - (next?.length ?? 0));
    if (next !== null && this.#isOpen) this.#begin(id, next);
  }

  #hold(more: number): void {
    this.#length += more;
    this.memoryBudget.change(more);
  }
}

/** A message's type and ID; what is no message, graphql-ws answers. */
function identified(message: string): { type: MessageType | null; id: string } {
  try {
    const parsed = parseMessage(message);
    return { type: parsed.type, id: "id" in parsed ? parsed.id : "" };
  } catch {
    return { type: null, id: "" };
  }
}
