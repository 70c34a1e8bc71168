import { isUtf8 } from "node:buffer";
import { crc32 } from "node:zlib";
import { getVariableValues, type GraphQLSchema, type OperationDefinitionNode, parse } from "graphql";
import { LRUCache } from "lru-cache";
import { type OperationContext } from "../graphql/context.js";
import { compilePlan, type Plan } from "../graphql/plan.js";
import { type Seal } from "../log/seal.js";

/** One request, as far as its answer depends on it. */
export type FastRequest = {
  /** Whatever headers the answer's own headers depend on: origin, accepted types, encodings … */
  readonly negotiation: string;
  readonly body: Buffer;
  /** All that the answer depends on, as one text. */
  readonly key: string;
  /** Who asks, in which language and for which packing. */
  readonly asker: string;
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
  return { negotiation, body, key: `${asker}\n${negotiation}\n${body.toString("latin1")}`, asker, pack };
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
export type FastOperation = (context: OperationContext) => FastAnswer | null | Promise<FastAnswer | null>;

export type FastPathOptions = {
  readonly schema: GraphQLSchema;
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

type Variables = Readonly<Record<string, unknown>>;
/** How an operation was answered; `id` stands for it in keys. */
type Template = {
  readonly id: number;
  readonly plan: Plan | null;
  readonly headers: Readonly<Record<string, string>>;
};
/** An operation that is run for a request. `meaning`: all that its answer depends on, however it was written. */
type Running = {
  readonly request: FastRequest;
  readonly meaning: string;
  readonly headers: Template["headers"];
  readonly plan: Plan;
  readonly variables: Variables;
};
type Operation = {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: object;
};

/**
 * The way around Apollo Server for operations that it has answered before: whole answers for the same request, or one
 * that means the same, as long as what they were made of still stands, and compiled plans for all others. It never answers what it has not
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

  #templateCount = 0;

  constructor(private readonly options: FastPathOptions) {}

  /** The answer to a request, or how to come by it; null where nothing like it has been answered before. */
  find(request: FastRequest): FastAnswer | FastOperation | null {
    const repeated = this.#recall(request.key);
    if (repeated !== null) return repeated;
    const operation = parseOperation(request.body);
    if (operation === null) return null;
    const template = this.#templates.get(templateKey(request, operation));
    if (!template?.plan) return null;
    const variables = coerce(this.options.schema, template.plan.operation, operation.variables);
    if (variables === null) return null;
    const meaning = `${template.id}\n${request.asker}\n${JSON.stringify(variables)}`;
    const { plan } = template;
    return (
      this.#recall(meaning) ??
      ((context) => this.#run({ request, meaning, headers: template.headers, plan, variables }, context))
    );
  }

  #recall(key: string): FastAnswer | null {
    const known = this.#answers.get(key);
    if (known === undefined) return null;
    if (known.seal.holds()) return known.answer;
    this.#answers.delete(key);
    return null;
  }

  /** Notes how Apollo Server answered an operation without an error. */
  learn(request: FastRequest, headers: Readonly<Record<string, string>>): void {
    const operation = parseOperation(request.body);
    if (operation === null) return;
    const key = templateKey(request, operation);
    if (this.#templates.has(key)) return;
    const { schema, maxUpstreamCalls } = this.options;
    const plan = compilePlan(schema, parse(operation.query), operation.operationName, maxUpstreamCalls);
    this.#templateCount += 1;
    this.#templates.set(key, { id: this.#templateCount, plan, headers });
  }

  #run(running: Running, context: OperationContext): FastAnswer | null | Promise<FastAnswer | null> {
    const { plan, variables } = running;
    // Whatever goes wrong, Apollo Server words it.
    try {
      const data = plan.run(variables, context);
      if (typeof data === "string") return this.#answer(running, data, context);
      return data.then(
        (text) => this.#answer(running, text, context),
        () => null,
      );
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
    const checksum = crc32(meaning);
    const seal = this.#askedOnce.has(checksum) ? context.seal() : null;
    this.#askedOnce.set(checksum, true);
    const body = Buffer.from(`{"data":${data}}\n`);
    const answer = request.pack({ headers, body, operationName }, seal !== null);
    if (seal !== null) {
      this.#answers.set(meaning, { answer, seal });
      this.#answers.set(request.key, { answer, seal });
    }
    return answer;
  }
}

/** A request's variables as the operation declares them; null where they are not of its types. */
function coerce(
  schema: GraphQLSchema,
  { variableDefinitions }: OperationDefinitionNode,
  given: Operation["variables"],
): Variables | null {
  try {
    const values = { ...given };
    return getVariableValues(schema, variableDefinitions ?? [], values, { maxErrors: 1 }).coerced ?? null;
  } catch {
    return null;
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
