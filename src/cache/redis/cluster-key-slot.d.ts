declare module "cluster-key-slot" {
  /** The slot of a key in a Redis Cluster. */
  function calculateSlot(key: string): number;
  export = calculateSlot;
}
