import { type BlockStore } from "../../../src/cache/block-store.js";

/** A small generator of numbers from 0 to 1, the same ones for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A store with random delays. A random fraction `faults` of its calls throws. */
export function withChaos(store: BlockStore, random: () => number, faults: number): BlockStore {
  const disturb = async (): Promise<void> => {
    for (let ticks = Math.floor(random() * 4); ticks > 0; ticks -= 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (random() < faults) throw new Error("chaos");
  };
  return {
    getMany: async (keys, along) => {
      await disturb();
      return store.getMany(keys, along);
    },
    isLocal: (key) => store.isLocal(key),
    peek: (key) => store.peek(key),
    set: (key, entry) => {
      if (random() < faults) throw new Error("chaos");
      store.set(key, entry);
    },
  };
}
