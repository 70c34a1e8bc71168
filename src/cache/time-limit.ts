import { asError } from "../errors.js";

/** Thrown when work exceeds its time limit. */
export class TimeLimitReached extends Error {
  override readonly name = "TimeLimitReached";
}

/** The number of steps of a limit. */
const STEPS = 4;

/**
 * Waits for work within a time limit.
 *
 * Only time in which this process could receive the answer counts. The limit runs in steps: a period in which the event
 * loop was busy counts as one step at most, and waiting socket data is read first.
 * @throws TimeLimitReached, or what the work throws
 */
export function withinLimit<T>(limitMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout;
    let done = false;
    const end = (settle: () => void): void => {
      done = true;
      clearTimeout(timer);
      settle();
    };
    const step = (left: number): void => {
      if (done) return;
      if (left === 0) {
        end(() => {
          reject(new TimeLimitReached(`No answer within ${limitMs} ms.`));
        });
        return;
      }
      timer = setTimeout(() => setImmediate(step, left - 1), limitMs / STEPS);
    };
    step(STEPS);
    work.then(
      (value) => {
        end(() => {
          resolve(value);
        });
      },
      (error: unknown) => {
        end(() => {
          reject(asError(error));
        });
      },
    );
  });
}
