// The model of a log: each event that was ever written, with the moments at which it appeared and disappeared. It knows
// nothing of the gateway, so it can tell which answers were possible in a range of time.
import { performance } from "node:perf_hooks";

const LEVELS = ["Info", "Warning", "Error"];
const SOURCES = ["K8S", "Job", "Task"];
const START_MS = Date.UTC(2026, 0, 1);

export class ModelLog {
  /** All events, in the order of the list, also those that were trimmed away. */
  all = [];
  #written = 0;
  #version = 0;
  #listed = new Map();
  #newestMs = START_MS;
  #created = 0;

  /** @param malformedShare the share of events with a part that does not have the documented form */
  constructor(id, random, malformedShare = 0) {
    this.id = id;
    this.random = random;
    this.malformedShare = malformedShare;
  }

  /** Writes events at the newest end. Some share a second, and a few repeat a message. */
  append(count) {
    for (let index = 0; index < count; index += 1) {
      if (this.random.chance(0.4)) this.#newestMs += 1000;
      this.all.push(this.#event(this.#newestMs));
    }
  }

  /** Writes an event with an older time: it goes behind the events of its second. */
  appendLate() {
    const alive = this.alive();
    if (alive.length === 0) return;
    const { timeMs } = alive[Math.max(0, alive.length - this.random.whole(1, 150))];
    let at = this.all.length;
    while (at > 0 && this.all[at - 1].timeMs > timeMs) at -= 1;
    this.all.splice(at, 0, { ...this.#event(timeMs), isLate: true });
  }

  /** Removes the oldest events. */
  trim(count) {
    const now = performance.now();
    for (const event of this.alive().slice(0, count)) event.diedAt = now;
  }

  /** Deletes the log and creates another one under the same ID, with events of the same times. */
  recreate(count) {
    this.trim(Infinity);
    this.#created += 1;
    this.#newestMs = START_MS;
    this.append(count);
  }

  /** The list as it was at a moment. */
  alive(atMs = performance.now()) {
    return this.all.filter(({ bornAt, diedAt }) => bornAt <= atMs && atMs < diedAt);
  }

  /** Each number of events that the log had in a range of time, for events that pass a test. */
  countsBetween(fromMs, toMs, passes) {
    const changes = [];
    let count = 0;
    for (const event of this.all) {
      if (!passes(event)) continue;
      const { bornAt, diedAt } = event;
      if (bornAt <= fromMs && fromMs < diedAt) count += 1;
      if (bornAt > fromMs && bornAt <= toMs) changes.push({ at: bornAt, by: 1 });
      if (diedAt > fromMs && diedAt <= toMs) changes.push({ at: diedAt, by: -1 });
    }
    changes.sort((one, other) => one.at - other.at);
    const counts = new Set([count]);
    changes.forEach(({ at, by }, index) => {
      count += by;
      // What changes in one moment changes at once.
      if (changes[index + 1]?.at !== at) counts.add(count);
    });
    return counts;
  }

  /**
   * The events of some levels, or of all (null), in the order in which pages show them, with their places in it. Within
   * a second, pages of several levels go by the order of the levels.
   */
  listed(levels) {
    const key = `${levels}`;
    const known = this.#listed.get(key);
    if (known !== undefined && known.version === this.#version) return known;
    const rankOf = ({ level }) => LEVELS.indexOf(level);
    const events =
      levels === null
        ? this.all
        : this.all
            .filter(({ level }) => levels.includes(level.toUpperCase()))
            .sort(
              (one, other) => one.log - other.log || one.timeMs - other.timeMs || rankOf(one) - rankOf(other),
            );
    const places = new Map(events.map(({ message }, place) => [message, place]));
    const listed = { version: this.#version, events, places };
    this.#listed.set(key, listed);
    return listed;
  }

  #event(timeMs) {
    const number = this.#written++;
    this.#version += 1;
    const isMalformed = this.random.chance(this.malformedShare);
    const malformed = isMalformed ? this.random.oneOf(["time", "source", "message"]) : null;
    return {
      // The number of the log among those that were created under this ID.
      log: this.#created,
      timeMs,
      level: this.random.oneOf(LEVELS),
      source: this.random.oneOf(SOURCES),
      // The gateway shows a message that is not a string as JSON.
      message: malformed === "message" ? `{"text":"message ${number}"}` : `message ${number}`,
      malformed,
      isLate: false,
      bornAt: performance.now(),
      diedAt: Infinity,
    };
  }
}
