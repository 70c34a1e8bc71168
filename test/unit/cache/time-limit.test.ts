import { expect, test } from "@jest/globals";
import { TimeLimitReached, withinLimit } from "../../../src/cache/time-limit.js";

const LIMIT_MS = 40;

test("work that never ends is rejected at its limit", async () => {
  await expect(withinLimit(LIMIT_MS, new Promise(() => undefined))).rejects.toThrow(TimeLimitReached);
});

test("a fault within the limit is passed on", async () => {
  await expect(withinLimit(LIMIT_MS, Promise.reject(new Error("refused")))).rejects.toThrow("refused");
});

test("an answer that arrived while the event loop was busy counts", async () => {
  const answer = new Promise((resolve) => {
    setTimeout(resolve, 1, "answer");
  });
  const limited = withinLimit(LIMIT_MS, answer);
  const until = performance.now() + 5 * LIMIT_MS;
  while (performance.now() < until);
  await expect(limited).resolves.toBe("answer");
});

test("an answer right after a busy period of the event loop counts", async () => {
  let answer: (text: string) => void = () => undefined;
  const limited = withinLimit(LIMIT_MS, new Promise<string>((resolve) => (answer = resolve)));
  const until = performance.now() + 5 * LIMIT_MS;
  while (performance.now() < until);
  // Due timers run first, then the data in sockets is read.
  setTimeout(() => setImmediate(answer, "answer"), 0);
  await expect(limited).resolves.toBe("answer");
});
