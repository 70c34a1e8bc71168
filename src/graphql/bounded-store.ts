import { TwoQueueCache } from "../common/two-queue-cache.js";

/** The part of Apollo Server's key-value cache that its stores of documents and query texts use. */
export type BoundedStore<Value> = {
  get(key: string): Promise<Value | undefined>;
  set(key: string, value: Value): Promise<void>;
  delete(key: string): Promise<boolean>;
};

/** Makes a {@link TwoQueueCache} with the interface of Apollo Server's stores. */
export function createBoundedStore<Value extends object | string>(
  maxSize: number,
  sizeOf: (value: Value) => number,
): BoundedStore<Value> {
  const values = new TwoQueueCache<Value>(maxSize, sizeOf);
  return {
    get: (key) => Promise.resolve(values.get(key)),
    set: (key, value) => {
      values.set(key, value);
      return Promise.resolve();
    },
    delete: (key) => Promise.resolve(values.delete(key)),
  };
}
