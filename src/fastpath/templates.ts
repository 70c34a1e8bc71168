import { TwoQueueCache } from "../common/two-queue-cache.js";
import { type ValidOperation } from "../graphql/context.js";
import { type Plan, type PlanOf } from "../graphql/plan/plan.js";
import { type FastRequest, type HeaderList } from "./fast-request.js";
import { type OperationBody } from "./operation-body.js";

/** The size limit of the kept templates, in characters of their keys, which contain the documents. */
const MAX_CHARS = 262_144;

/** The headers and plan of an operation that Apollo Server answered without an error. */
export type Template = {
  /** Identifies the operation in keys of answers. */
  readonly id: number;
  /** Null for an operation without a plan. */
  readonly plan: Plan | null;
  readonly headers: HeaderList;
};

/**
 * The templates of the operations that Apollo Server has answered. The key contains the document and the hash of a
 * persisted query as the request had them; Apollo Server has checked that they belong together.
 */
export class Templates {
  readonly #templates = new TwoQueueCache<Template>(MAX_CHARS, (_template, key) => key.length);
  #count = 0;

  constructor(private readonly planOf: PlanOf) {}

  get(request: FastRequest, body: OperationBody): Template | undefined {
    return this.#templates.get(keyOf(request, body));
  }

  add(request: FastRequest, body: OperationBody, headers: HeaderList, valid: ValidOperation): void {
    const key = keyOf(request, body);
    if (this.#templates.has(key)) return;
    this.#count += 1;
    this.#templates.set(key, { id: this.#count, plan: this.planOf(valid).plan, headers });
  }
}

function keyOf(
  { variant: { negotiation } }: FastRequest,
  { operationName, hash, query }: OperationBody,
): string {
  const names = hash === null ? JSON.stringify(operationName) : JSON.stringify([operationName, hash]);
  return `${names}\n${negotiation}\n${query ?? ""}`;
}
