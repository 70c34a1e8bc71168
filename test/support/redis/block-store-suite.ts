import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type BlockStore } from "../../../src/cache/block-store.js";
import { type Entry } from "../../../src/cache/entry.js";
import { cacheKey, type CacheKey, createTenancy, logPrefix } from "../../../src/cache/keys.js";
import { seededRandom } from "./chaos-store.js";

/** A store under test, and the function that closes it. `nowMs` is the clock of the suite. */
export type StoreUnderTest = { readonly store: BlockStore; readonly close: () => Promise<void> };

const START_MS = Date.UTC(2026, 0, 1);
const KEPT_MS = 600_000;

let series = 0;

/** A key that no other test has, in one of a few logs. */
function newKey(log = 0): CacheKey {
  series += 1;
  const prefix = logPrefix({
    tenant: createTenancy({ secret: "suite", upstream: "suite" }).tenant,
    projectId: "p",
    jobId: `job-${log}`,
    filter: "",
    language: "any",
  });
  return cacheKey(prefix, `part-${process.pid}-${series}`);
}

function entry(readAtMs: number, text: string, keptUntilMs = START_MS + KEPT_MS): Entry {
  return { readAtMs, freshMs: 1_000, keptUntilMs, receivedAtMs: START_MS, value: Buffer.from(text) };
}

/** The promises of every store, for any implementation and any fault below it. */
export function blockStoreSuite(name: string, open: (nowMs: () => number) => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let nowMs = START_MS;
    let opened: StoreUnderTest;
    let store: BlockStore;

    beforeAll(async () => {
      opened = await open(() => nowMs);
      ({ store } = opened);
    });
    afterAll(() => opened.close());
    beforeEach(() => {
      nowMs = START_MS;
    });

    const textOf = async (key: CacheKey): Promise<string | null> => {
      const [found] = await store.getMany([key]);
      return found?.entry.value.toString() ?? null;
    };

    test("has nothing under a key never set", async () => {
      expect(await store.getMany([newKey()], [newKey()])).toEqual([null, null]);
    });

    test("asked for nothing gives nothing", async () => {
      expect(await store.getMany([])).toEqual([]);
    });

    test("gives back what was set, byte for byte", async () => {
      const key = newKey();
      const value = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256));
      const kept = { ...entry(START_MS, ""), value };
      store.set(key, kept);
      const [found] = await store.getMany([key]);
      expect(found?.entry).toEqual(kept);
    });

    test("keeps an empty value", async () => {
      const key = newKey();
      store.set(key, entry(START_MS, ""));
      expect(await textOf(key)).toBe("");
    });

    test("answers in the order of the keys, with those along at the end, over several logs", async () => {
      const keys = Array.from({ length: 30 }, (_, index) => newKey(index % 7));
      keys.forEach((key, index) => {
        if (index % 3 > 0) store.set(key, entry(START_MS, `value ${index}`));
      });
      const [first, second, ...others] = [...keys].reverse();
      if (first === undefined || second === undefined) throw new Error("There are 30 keys.");
      const found = await store.getMany([...others, others[0] ?? first], [second, first]);
      const expected = [...Array.from({ length: 28 }, (_, at) => 27 - at), 27, 28, 29];
      expect(found.map((one) => one?.entry.value.toString() ?? null)).toEqual(
        expected.map((index) => (index % 3 > 0 ? `value ${index}` : null)),
      );
    });

    test("keeps the later of two readings, whichever is set last", async () => {
      const key = newKey();
      store.set(key, entry(START_MS - 10, "early"));
      store.set(key, entry(START_MS, "late"));
      store.set(key, entry(START_MS - 5, "between"));
      expect(await textOf(key)).toBe("late");
    });

    test("lets a reading be set again with more to it", async () => {
      const key = newKey();
      store.set(key, entry(START_MS, "first"));
      store.set(key, entry(START_MS, "again"));
      expect(await textOf(key)).toBe("again");
    });

    test("forgets an entry when its time is over", async () => {
      const key = newKey();
      store.set(key, entry(START_MS, "value", START_MS + 60_000));
      nowMs = START_MS + 59_999;
      expect(await textOf(key)).toBe("value");
      nowMs = START_MS + 60_000;
      expect(await textOf(key)).toBeNull();
    });

    test("does not take an entry whose time is over already", async () => {
      const key = newKey();
      store.set(key, entry(START_MS - 10, "value", START_MS - 1));
      expect(await textOf(key)).toBeNull();
    });

    test("agrees with a model over 2,000 random operations", async () => {
      // Redis has a clock of its own: a lifetime of seconds could end during the test, so a tick is a second.
      const TICK_MS = 1_000;
      const random = seededRandom(20260101);
      const keys = Array.from({ length: 12 }, (_, index) => newKey(index % 3));
      const model = new Map<CacheKey, Entry>();
      for (let operation = 0; operation < 2_000; operation += 1) {
        nowMs += Math.floor(random() * 50) * TICK_MS;
        const key = keys[Math.floor(random() * keys.length)] ?? newKey();
        if (random() < 0.4) {
          const readAtMs = nowMs - Math.floor(random() * 100) * TICK_MS;
          const set = entry(readAtMs, `${operation}`, readAtMs + 2_000 * TICK_MS);
          const held = model.get(key);
          const isHeld = held !== undefined && held.keptUntilMs > nowMs && held.readAtMs > readAtMs;
          if (!isHeld) model.set(key, set);
          store.set(key, set);
        } else {
          const held = model.get(key);
          const expected = held !== undefined && held.keptUntilMs > nowMs ? held.value.toString() : null;
          expect([operation, await textOf(key)]).toEqual([operation, expected]);
        }
      }
    });
  });
}
