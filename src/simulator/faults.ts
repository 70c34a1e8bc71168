import { z } from "zod";
import { ERROR_SHAPES } from "./error-bodies.js";
import { type JobRef } from "./jobs/job-store.js";

const headers = z.record(z.string(), z.string()).default({});
const status = z.number().int().min(200).max(599);

/** What can go wrong with one call; also the body of the admin path's faults. */
const faultSchema = z.discriminatedUnion("kind", [
  /** An error in one of the known shapes. `Retry-After` goes into `headers`. */
  z.strictObject({
    kind: z.literal("error"),
    status,
    shape: z.enum(ERROR_SHAPES).default("modelarts"),
    code: z.string().default("ModelArts.0010"),
    message: z.string().default("Internal error."),
    headers,
  }),
  /** Any status, headers and body, as they are. */
  z.strictObject({
    kind: z.literal("answer"),
    status: status.default(200),
    body: z.string(),
    contentType: z.string().default("application/json"),
    headers,
  }),
  /** A redirect that a client with credentials had better not follow. */
  z.strictObject({ kind: z.literal("redirect"), status: status.default(302), location: z.string() }),
  /** The connection is reset, before anything of the answer or in the midst of its body. */
  z.strictObject({
    kind: z.literal("reset"),
    when: z.enum(["before-answer", "in-body"]).default("before-answer"),
  }),
  /** No answer at all; the connection stays open. */
  z.strictObject({ kind: z.literal("hang") }),
  /** The normal answer, later. */
  z.strictObject({ kind: z.literal("delay"), delayMs: z.number().int().min(0) }),
  /** Headers at once, then the normal body a few bytes at a time until it is whole. */
  z.strictObject({
    kind: z.literal("drip"),
    intervalMs: z.number().int().min(1).default(100),
    bytes: z.number().int().min(1).default(16),
  }),
  /** Headers and half the body, and then nothing more. */
  z.strictObject({ kind: z.literal("stall") }),
  /** A well-formed page with one message of `bytes` letters. */
  z.strictObject({ kind: z.literal("huge"), bytes: z.number().int().min(1).default(50_000_000) }),
  /** The normal answer, damaged. */
  z.strictObject({
    kind: z.literal("damaged"),
    how: z.enum(["truncated", "wrong-content-type", "empty-body", "events-not-array", "total-missing"]),
  }),
]);

export type Fault = z.output<typeof faultSchema>;

export const faultRuleSchema = z.strictObject({
  fault: faultSchema,
  /** How many calls it befalls; null: all, until it is cleared. */
  times: z.number().int().min(1).nullable().default(1),
  /** Only calls for this job. */
  jobId: z.string().optional(),
  /** Whether it befalls calls to IAM, and only these, in place of all others. */
  iam: z.boolean().optional(),
});

/** A rule as it is written, with its defaults left out. */
export type FaultRuleInput = z.input<typeof faultRuleSchema>;
export type FaultRule = z.output<typeof faultRuleSchema>;

/** The faults to come, used up in the order in which they were added. */
export class FaultQueue {
  #rules: { rule: FaultRule; left: number }[] = [];

  /** Adds a rule behind those that stand. Throws a ZodError when the rule makes no sense. */
  add(input: FaultRuleInput): void {
    const rule = faultRuleSchema.parse(input);
    this.#rules.push({ rule, left: rule.times ?? Infinity });
  }

  /** The fault that befalls this call, or null. The rule is used up by one. */
  take(job: JobRef | null, isIam: boolean): Fault | null {
    if (this.#rules.length === 0) return null;
    const entry = this.#rules.find(
      ({ rule: { jobId, iam = false } }) => iam === isIam && (jobId === undefined || jobId === job?.jobId),
    );
    if (!entry) return null;
    entry.left -= 1;
    if (entry.left <= 0) this.#rules = this.#rules.filter((other) => other !== entry);
    return entry.rule.fault;
  }

  /** The rules not yet used up, with what is left of their times; null: without end. */
  list(): FaultRule[] {
    return this.#rules.map(({ rule, left }) => ({ ...rule, times: Number.isFinite(left) ? left : null }));
  }

  /** Ends every fault to come. */
  clear(): void {
    this.#rules = [];
  }
}
