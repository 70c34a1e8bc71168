import { median, medians, spread } from "./statistics.js";

/** If the quartiles are further apart than this part of the median, more rounds are measured. */
const MAX_SPREAD = 0.25;

/**
 * Measures in rounds, so that other load on the machine affects all contenders alike. Each round runs every contender
 * once, each time with another one first. The first round is discarded.
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

/** The median over the rounds of the cost of `base` divided by that of `contender`; null if either is missing. */
export function timesCheaper(base, contender) {
  if (!base || !contender) return null;
  return median(contender.rounds.map((cpuUs, round) => base.rounds[round] / cpuUs));
}
