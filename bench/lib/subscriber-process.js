/** The shared code of the processes that run subscribers: opening many, waiting for all, and the messages of the parent. */

/** The number of connections that are opened at the same time. */
const OPEN_AT_ONCE = 50;

/**
 * Opens subscribers in small groups.
 * @param create makes a subscriber with a promise `opened`
 */
export async function openAll(specs, create) {
  const all = [];
  for (let at = 0; at < specs.length; at += OPEN_AT_ONCE) {
    const group = specs.slice(at, at + OPEN_AT_ONCE).map(create);
    all.push(...group);
    await Promise.all(group.map(({ opened }) => opened));
  }
  return all;
}

/**
 * Resolves when no subscriber is behind.
 * @param behind returns the subscribers that are behind
 * @param describe returns the error message for those that are still behind after `limitMs`
 */
export async function untilNoneIsBehind(behind, describe, { limitMs, everyMs }) {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const left = behind();
    if (left.length === 0) return;
    if (Date.now() > endMs) throw new Error(describe(left));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Answers each message of the parent process by the function of its `kind`, and ends with the parent. */
export function serveParent(work) {
  process.on("message", async ({ kind, ...spec }) => {
    try {
      process.send({ result: (await work[kind](spec)) ?? null });
    } catch (error) {
      process.send({ error: error.message ?? String(error) });
    }
  });
  process.on("disconnect", () => process.exit());
}
