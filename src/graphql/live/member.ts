import { type StreamPlace } from "./event-batch.js";
import { type LiveCall, type LiveResult } from "./live-call.js";
import { type SharedAudience } from "./stream-parts.js";

/** A subscription in the form that its follower uses. */
export type Member = {
  readonly call: LiveCall;
  readonly place: StreamPlace;
  readonly audience: SharedAudience;
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
