import { setTimeout as wait } from "node:timers/promises";

/** A busy machine gets no more queries than it can answer. */
const WAITING_MAX = 20;

/** Sends queries at a steady rate as long as `isGoing` says so, fewer if many are not answered yet. @returns their answers */
export async function atSteadyRate<Answer>(
  everyMs: number,
  isGoing: () => boolean,
  send: (turn: number) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Promise<Answer>[] = [];
  for (let turn = 0; isGoing(); turn += 1) {
    answers.push(send(turn));
    await wait(everyMs);
    await answers.at(-WAITING_MAX);
  }
  return Promise.all(answers);
}
