import { isUtf8 } from "node:buffer";
import { crc32 } from "node:zlib";
import { getVariableValues, type GraphQLSchema, parse } from "graphql";
import { LRUCache } from "lru-cache";
import { admit } from "../graphql/admission.js";
import { type OperationContext } from "../graphql/context.js";
import { type Seal } from "../log/seal.js";
import { compilePlan, type Plan } from "./plan.js";

/** One request, as far as its answer depends on it. */
export type FastRequest = {
  /** Whatever headers the answer's own headers depend on: origin, accepted types, encodings … */
  readonly negotiation: string;
  readonly body: Buffer;
  /** All that the answer depends on, as one text. */
  readonly key: string;
  readonly pack: Pack;
};

/** Makes an answer ready to be sent, with more effort where it is kept to be sent again and again. */
export type Pack = (answer: FastAnswer, isKept: boolean) => FastAnswer;

/**
 * Puts a request together.
 * @param negotiation what the answer's headers depend on
 * @param caller who asks, in which language and for which packing: a hash of the credentials, never the credentials
 */
export function fastRequest(negotiation: string, caller: string, body: Buffer, pack: Pack): FastRequest {
  return { negotiation, body, key: `${caller}\n${negotiation}\n${body.toString("latin1")}`, pack };
}

/** A whole answer without errors. */
export type FastAnswer = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly operationName: string | null;
};

/**
 * Runs an operation that Apollo Server has answered before, with the variables of this request.
 * @returns null where Apollo Server is to answer, with the same context
 */
export type FastOperation = (context: OperationContext) => Promise<FastAnswer | null>;

export type FastPathOptions = {
  readonly schema: GraphQLSchema;
  readonly defaultProjectId: string | null;
  readonly maxUpstreamCalls: number;
};

/** Bound of the answers kept, in bytes, their keys counted. */
const ANSWERS_MAX_BYTES = 16 * 1024 * 1024;
/** What an answer costs beside its bytes. */
const ANSWER_OVERHEAD_BYTES = 512;
/** So many requests are remembered as asked for once. */
const ASKED_ONCE_MAX = 4_096;
/** Bound of the plans kept, in characters of their documents. */
const PLANS_MAX_CHARS = 262_144;

type Template = { readonly plan: Plan | null; readonly headers: Readonly<Record<string, string>> };
type Operation = {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: object;
};

/**
 * The way around Apollo Server for operations that it has answered before: whole answers for the very same bytes as
 * long as what they were made of still stands, and compiled plans for all others. It never answers what it has not
 * seen Apollo Server answer without an error.
 */
export class FastPath {
  readonly #answers = new LRUCache<string, { answer: FastAnswer; seal: Seal }>({
    maxSize: ANSWERS_MAX_BYTES,
    sizeCalculation: ({ answer }, key) => answer.body.length + key.length + ANSWER_OVERHEAD_BYTES,
  });
  readonly #askedOnce = new LRUCache<number, true>({ max: ASKED_ONCE_MAX });
  readonly #templates = new LRUCache<string, Template>({
    maxSize: PLANS_MAX_CHARS,
    sizeCalculation: (_template, key) => key.length,
  });

  constructor(private readonly options: FastPathOptions) {}

  /** The answer to the very same request, if it would be the same now. */
  recall({ key }: FastRequest): FastAnswer | null {
    const known = this.#answers.get(key);
    if (known === undefined) return null;
    if (known.seal.holds()) return known.answer;
    this.#answers.delete(key);
    return null;
  }

  /** The operation of a request, if it has been seen before. */
  prepare(request: FastRequest): FastOperation | null {
    const operation = parseOperation(request.body);
    if (operation === null) return null;
    const template = this.#templates.get(templateKey(request, operation));
    if (!template?.plan) return null;
    const { plan, headers } = template;
    return (context) => this.#run(request, plan, headers, operation.variables, context);
  }

  /** Notes how Apollo Server answered an operation without an error. */
  learn(request: FastRequest, headers: Readonly<Record<string, string>>): void {
    const operation = parseOperation(request.body);
    if (operation === null) return;
    const key = templateKey(request, operation);
    if (this.#templates.has(key)) return;
    const plan = compilePlan(this.options.schema, parse(operation.query), operation.operationName);
    this.#templates.set(key, { plan, headers });
  }

  async #run(
    request: FastRequest,
    plan: Plan,
    headers: Template["headers"],
    variables: Operation["variables"],
    context: OperationContext,
  ): Promise<FastAnswer | null> {
    const { schema, defaultProjectId, maxUpstreamCalls } = this.options;
    const { operation, document } = plan;
    const given = variables as Record<string, unknown>;
    let data: string;
    try {
      const declared = operation.variableDefinitions ?? [];
      const { coerced } = getVariableValues(schema, declared, given, { maxErrors: 1 });
      if (coerced === undefined) return null;
      admit({ schema, document, operation, variables: given, defaultProjectId }, maxUpstreamCalls);
      data = await plan.run(coerced, context);
    } catch {
      // Whatever it is, Apollo Server words it.
      return null;
    }
    // What holds a stale value says so beside `data`, which is not written here.
    if (context.cache.reads.some(({ ageMs }) => ageMs !== null)) return null;
    const operationName = operation.name?.value ?? null;
    const answer = { headers, body: Buffer.from(`{"data":${data}}\n`), operationName };
    return this.#keep(request, answer, context);
  }

  /**
   * Packs an answer, and keeps it as it will be sent, where it is asked for a second time: most that are asked for once
   * never come again.
   */
  #keep({ key, pack }: FastRequest, answer: FastAnswer, context: OperationContext): FastAnswer {
    const checksum = crc32(key);
    const seal = this.#askedOnce.has(checksum) ? context.seal() : null;
    this.#askedOnce.set(checksum, true);
    const packed = pack(answer, seal !== null);
    if (seal !== null) this.#answers.set(key, { answer: packed, seal });
    return packed;
  }
}

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
  const { query, operationName = null, variables, extensions, ...rest } = parsed as Record<string, unknown>;
  if (typeof query !== "string" || (operationName !== null && typeof operationName !== "string")) return null;
  if (extensions !== undefined && extensions !== null) return null;
  if (Object.keys(rest).length > 0) return null;
  if (
    variables !== undefined &&
    variables !== null &&
    (typeof variables !== "object" || Array.isArray(variables))
  )
    return null;
  return { query, operationName, variables: variables ?? {} };
}

function templateKey({ negotiation }: FastRequest, { query, operationName }: Operation): string {
  return `${operationName ?? ""}\n${negotiation}\n${query}`;
}
