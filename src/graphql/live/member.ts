import { type StreamPlace } from "./event-batch.js";
import { type LiveCall, type LiveResult } from "./live-call.js";
import { type SharedAudience } from "./stream-parts.js";

/** A subscription, as far as its follower knows it. */
export type Member = {
  readonly call: LiveCall;
  readonly place: StreamPlace;
  readonly audience: SharedAudience;
  /** When it was last sent anything, in milliseconds since the epoch. */
  readonly sentAtMs: number;
  /** Until when its rights are known without another check, in milliseconds since the epoch. */
  readonly authorizedUntilMs: number;
  take(result: LiveResult, nowMs: number): void;
  /** Continues by itself from a place that it has reached with its follower. */
  goAlone(place: StreamPlace): void;
  fail(error: unknown): void;
};

/** Writes for each selection once. @param write for the first member with a selection */
export function writeOnce(write: (audience: SharedAudience) => LiveResult): (member: Member) => LiveResult {
  const results = new Map<SharedAudience, LiveResult>();
  return ({ audience }) => {
    const known = results.get(audience);
    if (known !== undefined) return known;
    const result = write(audience);
    results.set(audience, result);
    return result;
  };
}
