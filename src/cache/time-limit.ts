import { asError } from "../errors.js";

/** Thrown when something took longer than it may. */
export class TimeLimitReached extends Error {
  override readonly name = "TimeLimitReached";
}

/** In how many steps a limit is counted. */
const STEPS = 4;

/**
 * Waits for work, but no longer than a limit.
 *
 * Only time in which this process could have taken the answer counts: the limit runs in steps, so that a stretch in
 * which the event loop was busy counts as one step at most, and what lies in the sockets by then is read first.
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
