import { asError } from "../errors.js";

/**
 * A computation that can wait. It yields each promise that it has to wait for. A computation that yields nothing
 * finishes synchronously, so the same code serves cached and remote data.
 */
export type MaybeAsync<T> = Generator<Promise<unknown>, T, unknown>;

/** Runs a computation. Returns its result directly if it never waits, else a promise of its result. */
export function run<T>(work: MaybeAsync<T>): T | Promise<T> {
  const step = work.next();
  return step.done === true ? step.value : goOn(work, step.value);
}

/** Waits for a value that can be a promise. */
export function* waitFor<T>(value: T | Promise<T>): MaybeAsync<T> {
  return value instanceof Promise ? ((yield value) as T) : value;
}

/** Runs computations in parallel and returns their results in order. The first failure fails all of them. */
export function* allOf<T>(works: readonly MaybeAsync<T>[]): MaybeAsync<T[]> {
  const [only] = works;
  if (only !== undefined && works.length === 1) return [yield* only];
  const results: (T | Promise<T>)[] = works.map((work) => {
    try {
      return run(work);
    } catch (error) {
      // A failure here must not leave the promises of the others without a handler.
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
