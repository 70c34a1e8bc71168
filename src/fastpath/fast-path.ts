import { isUtf8 } from "node:buffer";
import { crc32 } from "node:zlib";
import { LRUCache } from "lru-cache";
import { type Values } from "../graphql/plan/coerce-variables.js";
import { type OperationContext, type ValidOperation } from "../graphql/context.js";
import { type FaultListener } from "../graphql/fault-reporting.js";
import { type Plan, type PlanOf } from "../graphql/plan/plan.js";
import { TwoQueueCache } from "../common/two-queue-cache.js";
import { type Seal } from "../event-log/store/seal.js";

/** One request, as far as its answer depends on it. */
export type FastRequest = {
  /** Whatever headers the answer's own headers depend on: origin, accepted types, encodings … */
  readonly negotiation: string;
  /** Who asks, in which language and for which packing. */
  readonly asker: string;
  readonly body: Buffer;
  /** Of all three, which are all that the answer depends on. */
  readonly checksum: number;
  readonly pack: Pack;
};

/** Makes an answer ready to be sent, with more effort where it is kept to be sent again and again. */
export type Pack = (answer: FastAnswer, isKept: boolean) => FastAnswer;

/**
 * Puts a request together.
 * @param negotiation what the answer's headers depend on
 * @param asker with a hash of the credentials, never the credentials
 */
export function fastRequest(negotiation: string, asker: string, body: Buffer, pack: Pack): FastRequest {
  const checksum = crc32(body, crc32(`${asker}\n${negotiation}`));
  return { negotiation, asker, body, checksum, pack };
}

/** Names and values of headers in turn, as Node takes them. */
export type HeaderList = readonly string[];

/** A whole answer without errors. */
export type FastAnswer = {
  readonly headers: HeaderList;
  readonly body: Buffer;
  readonly operationName: string | null;
};

/**
 * Runs an operation that Apollo Server has answered before, with the variables of this request.
 * @returns null where Apollo Server is to answer, with the same context
 */
export type FastOperation = (context: OperationContext) => FastAnswer | null | Promise<FastAnswer | null>;

/** What an answer costs beside its bytes. */
const ANSWER_OVERHEAD_BYTES = 512;
/** Bound of the plans kept, in characters of their documents. */
const PLANS_MAX_CHARS = 262_144;

/** How an operation was answered; `id` stands for it in keys. */
type Template = {
  readonly id: number;
  readonly plan: Plan | null;
  readonly headers: HeaderList;
};
/** An answer under what stands for its request: the request's own bytes, or what they mean. */
type Kept = {
  readonly answer: FastAnswer;
  readonly seal: Seal;
  /** Of the request, where it is kept by its checksum, which others may have, too. */
  readonly request: KeptRequest | null;
};
type KeptRequest = Pick<FastRequest, "negotiation" | "asker" | "body">;
/** An operation that is run for a request. `meaning`: all that its answer depends on, however it was written. */
type Running = {
  readonly request: FastRequest;
  readonly meaning: string;
  readonly headers: Template["headers"];
  readonly plan: Plan;
  readonly variables: Values;
};
type Operation = {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Values;
};

/**
 * The way around Apollo Server for operations that it has answered before: whole answers for the same request, or one
 * that means the same, as long as what they were made of still stands, and compiled plans for all others. It never
 * answers what it has not seen Apollo Server answer without an error.
 */
export class FastPath {
  /**
   * By the checksum of a request, or by the text of what it means. A text of all its bytes as a key would cost more to
   * make, to hash and to compare than all else that is done for a repeat.
   */
  readonly #answers: LRUCache<number | string, Kept>;
  readonly #askedOnce = new AskedOnce();
  readonly #bytesAskedOnce = new AskedOnce();
  readonly #templates = new TwoQueueCache<Template>(PLANS_MAX_CHARS, (_template, key) => key.length);

  #templateCount = 0;

  /**
   * @param answersMaxBytes bound of the answers kept, their keys counted
   * @param onFault is told where an answer cannot be packed or kept; Apollo Server gives one all the same
   */
  constructor(
    private readonly planOf: PlanOf,
    answersMaxBytes: number,
    private readonly onFault: FaultListener,
  ) {
    this.#answers = new LRUCache({
      maxSize: answersMaxBytes,
      sizeCalculation: ({ answer, request }, key) =>
        answer.body.length +
        (request === null ? String(key).length : sizeOf(request)) +
        ANSWER_OVERHEAD_BYTES,
    });
  }

  /** The answer to a request, or how to come by it; null where nothing like it has been answered before. */
  find(request: FastRequest): FastAnswer | FastOperation | null {
    const known = this.#answers.get(request.checksum);
    if (known?.request && isSame(known.request, request)) {
      if (known.seal.holds()) return known.answer;
      this.#answers.delete(request.checksum);
    }
    const operation = parseOperation(request.body);
    if (operation === null) return null;
    const template = this.#templates.get(templateKey(request, operation));
    if (!template?.plan) return null;
    const variables = template.plan.coerce(operation.variables);
    if (variables === null) return null;
    const meaning = `${template.id}\n${request.asker}\n${JSON.stringify(variables)}`;
    const meant = this.#answers.get(meaning);
    if (meant?.seal.holds()) {
      this.#keepForBytes(request, meant);
      return meant.answer;
    }
    const { plan, headers } = template;
    return (context) => this.#run({ request, meaning, headers, plan, variables }, context);
  }

  /** Notes how Apollo Server answered an operation without an error. */
  learn(request: FastRequest, headers: HeaderList, valid: ValidOperation): void {
    const operation = parseOperation(request.body);
    if (operation === null) return;
    const key = templateKey(request, operation);
    if (this.#templates.has(key)) return;
    this.#templateCount += 1;
    this.#templates.set(key, { id: this.#templateCount, plan: this.planOf(valid), headers });
  }

  #run(running: Running, context: OperationContext): FastAnswer | null | Promise<FastAnswer | null> {
    const { plan, variables } = running;
    const finish = (data: string): FastAnswer | null => {
      try {
        return this.#answer(running, data, context);
      } catch (error) {
        this.onFault(error, context);
        return null;
      }
    };
    // Whatever goes wrong in a plan, Apollo Server words it, and tells of it where it is a fault.
    try {
      const data = plan.run(plan.admit(variables, context), context);
      return typeof data === "string" ? finish(data) : data.then(finish, () => null);
    } catch {
      return null;
    }
  }

  /**
   * Packs an answer, and keeps it as it will be sent, where it is asked for a second time: most that are asked for once
   * never come again.
   */
  #answer(
    { request, meaning, headers, plan }: Running,
    data: string,
    context: OperationContext,
  ): FastAnswer | null {
    // What holds a stale value says so beside `data`, which is not written here.
    if (context.cache.reads.some(({ ageMs }) => ageMs !== null)) return null;
    const operationName = plan.operation.name?.value ?? null;
    const asked = crc32(meaning);
    const seal = this.#askedOnce.isAgain(asked) ? context.seal() : null;
    const body = Buffer.from(`{"data":${data}}\n`);
    const answer = request.pack({ headers, body, operationName }, seal !== null);
    if (seal !== null) {
      const kept = { answer, seal, request: null };
      this.#answers.set(meaning, kept);
      this.#keepForBytes(request, kept);
    }
    return answer;
  }

  /** Keeps an answer for the very same bytes, too, where these come again: else they would take the room of others. */
  #keepForBytes({ negotiation, asker, checksum, body }: FastRequest, { answer, seal }: Kept): void {
    if (!this.#bytesAskedOnce.isAgain(checksum)) return;
    // A copy: the request's own body is a part of all that its socket gave at once.
    const request = { negotiation, asker, body: Buffer.from(body) };
    this.#answers.set(checksum, { answer, seal, request });
  }
}

/** So many places: of two requests whose checksums share one, the later is remembered. */
const ASKED_ONCE_PLACES = 32_768;

/** Remembers what was asked for lately. To forget some of it costs no more than to make an answer once more. */
class AskedOnce {
  readonly #checksums = new Uint32Array(ASKED_ONCE_PLACES);

  /** Whether it was asked for before, as far as is remembered; from now on it was. */
  isAgain(checksum: number): boolean {
    const place = checksum % ASKED_ONCE_PLACES;
    const isAgain = this.#checksums[place] === checksum;
    this.#checksums[place] = checksum;
    return isAgain;
  }
}

/** In bytes: what headers hold is one for each character. */
function sizeOf({ negotiation, asker, body }: KeptRequest): number {
  return negotiation.length + asker.length + body.length;
}

function isSame(kept: KeptRequest, { negotiation, asker, body }: FastRequest): boolean {
  return kept.asker === asker && kept.negotiation === negotiation && kept.body.equals(body);
}

/** What a request may have; anything else in it is not known here. */
const PARTS = new Set(["query", "operationName", "variables", "extensions"]);
const NO_VARIABLES: Values = {};

/** The only shape that is answered here; all others are Apollo Server's to take or refuse. */
function parseOperation(body: Buffer): Operation | null {
  if (!isUtf8(body)) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString());
  } catch {
    return null;
  }
  if (typeof parsed !== "object" || parsed === null) return null;
  for (const part in parsed) if (!PARTS.has(part)) return null;
  const { query, operationName = null, variables = null, extensions = null } = parsed as Values;
  if (typeof query !== "string" || (operationName !== null && typeof operationName !== "string")) return null;
  if (extensions !== null || typeof variables !== "object" || Array.isArray(variables)) return null;
  return { query, operationName, variables: (variables ?? NO_VARIABLES) as Values };
}

function templateKey({ negotiation }: FastRequest, { query, operationName }: Operation): string {
  return `${JSON.stringify(operationName)}\n${negotiation}\n${query}`;
}
