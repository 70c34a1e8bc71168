import { type OperationContext } from "../context.js";
import { type StreamPlace } from "./event-batch.js";
import { LogFollower } from "./log-follower.js";
import { type StreamSubject } from "./next-batch.js";
import { type StreamParts } from "./stream-parts.js";
import { jobRefOf } from "../training-job.js";

/** The followers, one for each log and set of rights. */
export class LogFollowers {
  readonly #followers = new Map<string, LogFollower>();

  constructor(private readonly parts: StreamParts) {}

  /**
   * The follower of a log.
   * @param context the context of an operation that was allowed to read the log
   * @param place the place at which a new follower begins
   */
  of(subject: StreamSubject, context: OperationContext, place: StreamPlace): LogFollower {
    const { id, projectId } = subject.job;
    // IDs contain no slash.
    const key = `${context.viewer()}/${projectId}/${id}/${JSON.stringify(subject.filter)}`;
    const known = this.#followers.get(key);
    if (known !== undefined) return known;
    const { watch } = this.parts;
    const follower = new LogFollower(this.parts, subject, place, {
      watch: (onNews) => watch(jobRefOf(subject.job), subject.filter, context.language, onNews),
      onEnd: () => {
        if (this.#followers.get(key) === follower) this.#followers.delete(key);
      },
    });
    this.#followers.set(key, follower);
    return follower;
  }
}
