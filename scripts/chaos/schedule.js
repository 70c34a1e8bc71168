// The schedule of a run by its seed: in each step a fault of the upstream, a state of Redis, and the gateways that are
// killed. Runs with the same seed have the same steps.
const UPSTREAM_FAULTS = [500, 429, "hang", "reset", "garbage", "text", "truncated", "slow"];
const REDIS_STATES = ["up", "killed", "paused", "slow"];
const KILLED_GATEWAYS = [[], [0], [], [1], [], [0, 1], [], []];
const STEP_MS = [600, 1200];

/**
 * Every fault occurs in each round of 8 steps, and every pair of a fault and a state of Redis in each 4 rounds.
 * @param random random numbers of the schedule alone
 */
export function* steps(random, logCount) {
  for (;;) {
    const faults = shuffled(UPSTREAM_FAULTS, random);
    for (let turn = 0; turn < REDIS_STATES.length; turn += 1) {
      const killed = shuffled(KILLED_GATEWAYS, random);
      for (const [index, fault] of faults.entries()) {
        yield {
          startsRound: index === 0,
          fault,
          /** The share of calls that fail. */
          share: random.oneOf([0.3, 1]),
          /** For each log, whether its calls can fail. */
          logs: Array.from({ length: logCount }, () => random.chance(0.4)),
          redis: REDIS_STATES[(index + turn) % REDIS_STATES.length],
          killed: killed[index],
          ms: random.whole(...STEP_MS),
          /** The moments within the step, as shares of it: Redis and the gateways change, the upstream recovers. */
          redisAt: random.next() * 0.4,
          killAt: random.next() * 0.4,
          recoversAt: 0.5 + random.next() * 0.5,
        };
      }
    }
  }
}

function shuffled(list, random) {
  const rest = [...list];
  return list.map(() => rest.splice(random.whole(0, rest.length - 1), 1)[0]);
}
