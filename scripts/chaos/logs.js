// The logs of a run: how each kind is written, trimmed, deleted and created again.
import { ModelLog } from "../walks/model.js";

const WALKS_OF_A_LOG = 30;
/** A log of so many events stands still until the next walk gets a new one. Walks end after 400 pages, and a page can have 7 events. */
const EVENTS_MAX = 2_000;

const grow = (log, random) => log.append(random.whole(0, 1));

const KINDS = {
  standing: {},
  growing: { tick: grow },
  bursting: { tick: (log, random) => random.chance(0.05) && log.append(random.whole(20, 150)) },
  trimmed: {
    mayExpire: true,
    tick: (log, random) => {
      if (!random.chance(0.2)) return;
      log.append(random.whole(0, 5));
      log.trim(random.whole(1, 5));
    },
  },
  late: { tick: (log, random) => random.chance(0.15) && log.appendLate() },
  created: {
    mayExpire: true,
    tick: (log, random) => {
      if (!random.chance(0.02)) return grow(log, random);
      log.trim(Infinity);
      log.append(random.whole(0, 200));
    },
  },
  // The place of an event without a readable time among events of other levels is not defined.
  malformed: { malformedShare: 0.03, mayFilter: false, tick: grow },
};

const isFull = ({ all }) => all.length >= EVENTS_MAX;

export const KIND_NAMES = Object.keys(KINDS);

/** @param logs all logs by the ID of their job, as the upstream reads them */
export function currentLogs(logs, random) {
  let jobs = 0;
  function newLog(kind) {
    const log = new ModelLog(`${kind}-${(jobs += 1)}`, random, KINDS[kind].malformedShare);
    log.append(random.oneOf([0, 1, 60, 99, 100, 101, 150, 199, 300, 450]));
    Object.assign(log, { kind, walks: 0 });
    logs.set(log.id, log);
    return log;
  }
  const current = new Map(KIND_NAMES.map((kind) => [kind, newLog(kind)]));
  /** The log of a kind that is written at present, and its rules. */
  const logOf = (kind) => {
    const { mayExpire = false, mayFilter = true } = KINDS[kind];
    return { log: current.get(kind), mayExpire, mayFilter };
  };
  return {
    logOf,
    /** A log of the kind for the next walk, and the rules for it; after some walks a new log, which no cache knows. */
    next: (kind) => {
      if (current.get(kind).walks >= WALKS_OF_A_LOG || isFull(current.get(kind))) {
        current.set(kind, newLog(kind));
      }
      current.get(kind).walks += 1;
      return logOf(kind);
    },
    tick: () => {
      for (const [kind, log] of current) if (!isFull(log)) KINDS[kind].tick?.(log, random);
    },
  };
}
