import { z } from "zod";
import { ERROR_SHAPES } from "./error-bodies.js";
import { type JobRef } from "./jobs/job-store.js";

const headers = z.record(z.string(), z.string()).default({});
const status = z.number().int().min(200).max(599);

/** A fault of one call; also the body of the admin path for faults. */
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
  /** Any status, headers and body, unchanged. */
  z.strictObject({
    kind: z.literal("answer"),
    status: status.default(200),
    body: z.string(),
    contentType: z.string().default("application/json"),
    headers,
  }),
  /** A redirect, which a client with credentials should not follow. */
  z.strictObject({ kind: z.literal("redirect"), status: status.default(302), location: z.string() }),
  /** The connection is reset, before the answer or in the middle of its body. */
  z.strictObject({
    kind: z.literal("reset"),
    when: z.enum(["before-answer", "in-body"]).default("before-answer"),
  }),
  /** No answer at all; the connection stays open. */
  z.strictObject({ kind: z.literal("hang") }),
  /** The normal answer, after a delay. */
  z.strictObject({ kind: z.literal("delay"), delayMs: z.number().int().min(0) }),
  /** Headers at once, then the normal body, a few bytes at a time. */
  z.strictObject({
    kind: z.literal("drip"),
    intervalMs: z.number().int().min(1).default(100),
    bytes: z.number().int().min(1).default(16),
  }),
  /** Headers and half of the body, then nothing. */
  z.strictObject({ kind: z.literal("stall") }),
  /** A well-formed page with one message of `bytes` characters. */
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
  /** The number of calls with this fault; null: all calls until it is cleared. */
  times: z.number().int().min(1).nullable().default(1),
  /** Only for calls for this job. */
  jobId: z.string().optional(),
  /** Whether only calls to IAM have this fault, instead of all others. */
  iam: z.boolean().optional(),
});

/** A rule as callers write it, without its defaults. */
export type FaultRuleInput = z.input<typeof faultRuleSchema>;
export type FaultRule = z.output<typeof faultRuleSchema>;

/** The pending faults, used in the order in which they were added. */
export class FaultQueue {
  #rules: { rule: FaultRule; left: number }[] = [];

  /** Adds a rule after the others. Throws a ZodError for an invalid rule. */
  add(input: FaultRuleInput): void {
    const rule = faultRuleSchema.parse(input);
    this.#rules.push({ rule, left: rule.times ?? Infinity });
  }

  /** The fault of this call, or null. This uses the rule once. */
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

  /** The remaining rules, each with its remaining number of calls; null: unlimited. */
  list(): FaultRule[] {
    return this.#rules.map(({ rule, left }) => ({ ...rule, times: Number.isFinite(left) ? left : null }));
  }

  /** Drops all pending faults. */
  clear(): void {
    this.#rules = [];
  }
}
