import { median, medians, spread } from "./statistics.js";

/** Quartiles further apart than this part of the median call for more rounds. */
const MAX_SPREAD = 0.25;

/**
 * Measures in turns, so that what the machine does meanwhile befalls all alike: each round runs every contender
 * once, beginning with another one each time. The first round is thrown away.
 * @param measures by name: () => a result that has the figure
 * @returns by name: medians of the results, `rounds` with one figure each
 */
export async function inRounds(measures, { rounds, extraRounds = 3, figure = "cpuUs" }) {
  const names = Object.keys(measures);
  const kept = Object.fromEntries(names.map((name) => [name, []]));
  const figures = (name) => kept[name].map((result) => result[figure]);
  const unsteady = () => names.some((name) => spread(figures(name)) > MAX_SPREAD);
  for (let round = 0; round <= rounds || (round <= rounds + extraRounds && unsteady()); round += 1) {
    const turn = round % names.length;
    for (const name of [...names.slice(turn), ...names.slice(0, turn)]) {
      const result = await measures[name]();
      if (round > 0) kept[name].push(result);
    }
  }
  return Object.fromEntries(names.map((name) => [name, { ...medians(kept[name]), rounds: figures(name) }]));
}

/** Median over the rounds of how many times dearer `base` was than `contender`; null when either is missing. */
export function timesCheaper(base, contender) {
  if (!base || !contender) return null;
  return median(contender.rounds.map((cpuUs, round) => base.rounds[round] / cpuUs));
}
