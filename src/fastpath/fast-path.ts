import { crc32 } from "node:zlib";
import { type Values } from "../graphql/plan/coerce-variables.js";
import { type OperationContext, type ValidOperation } from "../graphql/context.js";
import { type FaultListener } from "../graphql/format-error.js";
import { type Plan, type PlanOf } from "../graphql/plan/plan.js";
import { RecentChecksums } from "./recent-checksums.js";
import { type FastAnswer, type FastRequest, type HeaderList } from "./fast-request.js";
import { KeptAnswers } from "./kept-answers.js";
import { parseOperationBody } from "./operation-body.js";
import { Templates } from "./templates.js";

/**
 * Runs an operation that Apollo Server has answered before, with the variables of this request.
 * @returns null if Apollo Server must answer, with the same context
 */
export type FastOperation = (context: OperationContext) => FastAnswer | null | Promise<FastAnswer | null>;

/** An operation that is run for a request. */
type Running = {
  readonly request: FastRequest;
  /** Everything that the answer depends on, independent of how the request was written. */
  readonly meaning: string;
  readonly headers: HeaderList;
  readonly plan: Plan;
  readonly variables: Values;
};

/**
 * Answers operations that Apollo Server has answered before without an error. It repeats the whole answer of an equal
 * request while the data of that answer is current; otherwise it uses a compiled plan.
 */
export class FastPath {
  readonly #answers: KeptAnswers;
  readonly #recentMeanings = new RecentChecksums();
  readonly #templates: Templates;

  /**
   * @param answersMaxBytes the size limit of the kept answers and their keys
   * @param onFault called if an answer cannot be packed or kept; Apollo Server then answers
   */
  constructor(
    planOf: PlanOf,
    answersMaxBytes: number,
    private readonly onFault: FaultListener,
  ) {
    this.#answers = new KeptAnswers(answersMaxBytes);
    this.#templates = new Templates(planOf);
  }

  /** The answer to a request, or a function that makes it; null if no such operation has been answered before. */
  find(request: FastRequest): FastAnswer | FastOperation | null {
    const known = request.mayRepeat ? this.#answers.byBytes(request) : null;
    if (known !== null) return known;
    const operation = parseOperationBody(request.body);
    if (operation === null) return null;
    const template = this.#templates.get(request, operation);
    if (!template?.plan) return null;
    const { plan, headers } = template;
    const variables = plan.coerce(operation.variables);
    if (variables === null) return null;
    const meaning = `${template.id}\n${request.variant.recipient}\n${JSON.stringify(variables)}`;
    const meant = request.mayRepeat ? this.#answers.byMeaning(meaning, request) : null;
    return meant ?? ((context) => this.#run({ request, meaning, headers, plan, variables }, context));
  }

  /** Notes how Apollo Server answered an operation without an error. */
  learn(request: FastRequest, headers: HeaderList, valid: ValidOperation): void {
    const operation = parseOperationBody(request.body);
    if (operation !== null) this.#templates.add(request, operation, headers, valid);
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
    // Apollo Server runs a failed operation again, writes its error, and reports a fault.
    try {
      const data = plan.run(plan.admit(variables, context), context);
      return typeof data === "string" ? finish(data) : data.then(finish, () => null);
    } catch {
      return null;
    }
  }

  /** Packs an answer. Keeps it when a request with the same meaning comes again: most requests come once. */
  #answer(
    { request, meaning, headers, plan }: Running,
    data: string,
    context: OperationContext,
  ): FastAnswer | null {
    // An answer with stale data has extensions, which are not written here.
    if (context.cache.reads.some(({ ageMs }) => ageMs !== null)) return null;
    const operationName = plan.operation.name?.value ?? null;
    const isRepeated = request.mayRepeat && this.#recentMeanings.hadBefore(crc32(meaning));
    const seal = isRepeated ? context.seal() : null;
    const body = Buffer.from(`{"data":${data}}\n`);
    const answer = request.variant.pack({ headers, body, operationName }, seal !== null);
    if (seal !== null) this.#answers.keep(meaning, request, answer, seal);
    return answer;
  }
}
