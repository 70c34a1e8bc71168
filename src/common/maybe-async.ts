import { asError } from "../errors.js";

/**
 * Work that goes on without a break as long as nothing has to be waited for: it yields what it must wait for. What is
 * near is then read in one go, by the same code that asks others for what is not.
 */
export type MaybeAsync<T> = Generator<Promise<unknown>, T, unknown>;

/** Does the work: at once where it waits for nothing, else a promise of its result. */
export function run<T>(work: MaybeAsync<T>): T | Promise<T> {
  const step = work.next();
  return step.done === true ? step.value : goOn(work, step.value);
}

/** The value, waited for where it is not there yet. */
export function* waitFor<T>(value: T | Promise<T>): MaybeAsync<T> {
  return value instanceof Promise ? ((yield value) as T) : value;
}

/** The results of works done side by side, in their order; the first that fails fails them all. */
export function* allOf<T>(works: readonly MaybeAsync<T>[]): MaybeAsync<T[]> {
  const results: (T | Promise<T>)[] = works.map((work) => {
    try {
      return run(work);
    } catch (error) {
      // Those that are under way must not fail with nobody to hear it.
      return Promise.reject<T>(asError(error));
    }
  });
  const isDone = !results.some((result) => result instanceof Promise);
  return isDone ? (results as T[]) : ((yield Promise.all(results)) as T[]);
}

async function goOn<T>(work: MaybeAsync<T>, first: Promise<unknown>): Promise<T> {
  let waited = first;
  for (;;) {
    const step = await waited.then(
      (value) => work.next(value),
      (error: unknown) => work.throw(error),
    );
    if (step.done === true) return step.value;
    waited = step.value;
  }
}
