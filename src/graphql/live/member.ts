import { BudgetExceeded } from "../../event-log/budget/budget.js";
import { GatewayError } from "../../errors.js";
import { type CacheReport } from "../context.js";
import { type StreamPlace } from "./event-batch.js";
import { type LiveCall, type LiveResult } from "./live-call.js";
import { type BatchRead, nextBatch, type StreamSubject } from "./next-batch.js";
import { readsOf, type SharedWriter } from "./stream-parts.js";

/** A subscription in the form that its follower uses. */
export type Member = {
  readonly call: LiveCall;
  readonly place: StreamPlace;
  readonly writer: SharedWriter;
  /** The time of its last result, in milliseconds since the epoch. */
  readonly sentAtMs: number;
  /** Its rights are valid until then without another check, in milliseconds since the epoch. */
  readonly authorizedUntilMs: number;
  take(result: LiveResult, nowMs: number): void;
  /** Leaves the follower and continues alone from this place. */
  goAlone(place: StreamPlace): void;
  fail(error: unknown): void;
};

/** Writes a batch once for each selection. @param write called for the first member with a selection */
export function writeOnce(write: (writer: SharedWriter) => LiveResult): (member: Member) => LiveResult {
  const results = new Map<SharedWriter, LiveResult>();
  return ({ writer }) => {
    const known = results.get(writer);
    if (known !== undefined) return known;
    const result = write(writer);
    results.set(writer, result);
    return result;
  };
}

export type MemberRead = BatchRead & { readonly cache: CacheReport };

/** If this number of consecutive members have used their budgets, the follower waits. */
const OVER_BUDGET_MAX = 10;

/**
 * Reads the next batch of a followed log with the credentials of the next member, so that members share the costs. A
 * refused member ends with its error, and a member without budget is skipped. In both cases the next member reads.
 * @param members moves the member that reads to the end
 */
export async function readAsMember(
  members: Set<Member>,
  subject: StreamSubject,
  place: StreamPlace,
  signal: AbortSignal,
): Promise<MemberRead> {
  for (let overBudget = 0; ;) {
    signal.throwIfAborted();
    const [leader] = members;
    if (leader === undefined) throw new Error("A log without subscriptions is followed.");
    members.delete(leader);
    members.add(leader);
    try {
      const { context, end } = await leader.call.begin(signal);
      try {
        const reads = readsOf(context, subject.job);
        return { ...(await nextBatch(subject, place, reads, true)), cache: context.cache };
      } finally {
        end();
      }
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof BudgetExceeded) {
        overBudget += 1;
        if (overBudget >= Math.min(OVER_BUDGET_MAX, members.size)) throw error;
      } else if (isRefusal(error)) {
        leader.fail(error);
      } else {
        throw error;
      }
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof GatewayError && (error.code === "UNAUTHENTICATED" || error.code === "FORBIDDEN");
}
