import { expect, test } from "@jest/globals";
import { SharedClock } from "../../../src/cache/shared-clock.js";

const START_MS = 1_700_000_000_000;

test("the clock runs on when the machine's clock is set back or forward", () => {
  let wallMs = START_MS;
  let steadyMs = 5;
  const clock = new SharedClock(
    () => wallMs,
    () => steadyMs,
  );
  for (const step of [-60_000, 3_600_000]) {
    const before = clock.nowMs();
    wallMs += step;
    steadyMs += 10;
    expect(clock.nowMs()).toBe(before + 10);
  }
});

test("two machines whose clocks differ agree once they follow the same Redis", async () => {
  let steadyMs = 0;
  const clocks = [-4_000, 4_000].map(
    (skewMs) =>
      new SharedClock(
        () => START_MS + skewMs,
        () => steadyMs,
      ),
  );
  for (const clock of clocks) {
    await clock.follow(() => {
      steadyMs += 2;
      return Promise.resolve(START_MS + steadyMs - 1);
    });
  }
  const [one = 0, other = 0] = clocks.map(({ nowMs }) => nowMs());
  expect(Math.abs(one - other)).toBeLessThanOrEqual(1);
  expect(one).toBe(START_MS + steadyMs);
});

test("a small difference and an invalid answer do not change the clock", async () => {
  const clock = new SharedClock(
    () => START_MS,
    () => 0,
  );
  for (const answer of [START_MS + 15, undefined, "soon"]) {
    await clock.follow(() => Promise.resolve(answer));
    expect(clock.nowMs()).toBe(START_MS);
  }
});
