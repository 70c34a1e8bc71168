import { LRUCache } from "lru-cache";

/** The part of Apollo Server's key-value cache that its stores of documents and query texts use. */
export type BoundedStore<Value> = {
  get(key: string): Promise<Value | undefined>;
  set(key: string, value: Value): Promise<void>;
  delete(key: string): Promise<boolean>;
};

/** Keeps what was used last, up to `maxSize` in all, whatever `sizeOf` counts; a single larger value is not kept. */
export function createBoundedStore<Value extends object | string>(
  maxSize: number,
  sizeOf: (value: Value) => number,
): BoundedStore<Value> {
  const values = new LRUCache<string, Value>({
    maxSize,
    sizeCalculation: (value) => Math.max(1, sizeOf(value)),
  });
  return {
    get: (key) => Promise.resolve(values.get(key)),
    set: (key, value) => {
      values.set(key, value);
      return Promise.resolve();
    },
    delete: (key) => Promise.resolve(values.delete(key)),
  };
}
