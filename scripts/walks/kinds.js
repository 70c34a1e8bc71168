// The kinds of logs: what happens to a log at each tick, and what goes wrong with its calls.

/** How far replicas lag behind. */
const LAG_MS = 60;

/**
 * `mayExpire`: events can disappear, so that a cursor can be CURSOR_EXPIRED. `mayChange`: a page can be
 * UPSTREAM_UNAVAILABLE, because its log changes all the time. `isRecreated`: a cursor of the log before does not go on.
 */
export const KINDS = {
  standing: {},
  growing: { tick: (log, random) => log.append(random.whole(0, 1)) },
  bursting: { tick: (log, random) => random.chance(0.05) && log.append(random.whole(20, 150)) },
  trimming: {
    mayExpire: true,
    mayChange: true,
    tick: (log, random) => {
      if (!random.chance(0.2)) return;
      const count = random.whole(1, 5);
      log.append(random.chance(0.5) ? count : random.whole(0, 5));
      log.trim(count);
    },
  },
  // A log at its cap: as many events are trimmed as arrive, at the newest end or late, so that its total stays.
  rolling: {
    mayExpire: true,
    mayChange: true,
    tick: (log, random) => {
      if (!random.chance(0.15)) return;
      const count = random.whole(1, 5);
      const late = random.chance(0.5) ? count : random.whole(0, count);
      if (log.alive().length > count) {
        for (let index = 0; index < late; index += 1) log.appendLate();
        log.append(count - late);
        log.trim(count);
      }
    },
  },
  recreated: {
    mayExpire: true,
    mayChange: true,
    isRecreated: true,
    tick: (log, random) => {
      if (random.chance(0.01)) log.recreate(random.oneOf([0, 60, 100, 101, 199, 300]));
      else log.append(random.whole(0, 1));
    },
  },
  late: { mayChange: true, tick: (log, random) => random.chance(0.15) && log.appendLate() },
  failing: {
    mayFail: true,
    fault: (random) => (random.chance(0.1) ? { fault: random.oneOf([500, 503, "reset", "garbage"]) } : {}),
    tick: (log, random) => log.append(random.whole(0, 1)),
  },
  lagging: { lagMs: LAG_MS, tick: (log, random) => log.append(random.whole(0, 1)) },
};

/** Whether an error is allowed for a page of a kind. */
export function mayFail({ mayFail: isFailing, mayChange }, { extensions }) {
  const code = extensions?.code ?? "";
  return (
    (isFailing === true && code.startsWith("UPSTREAM_")) ||
    (mayChange === true && code === "UPSTREAM_UNAVAILABLE")
  );
}
