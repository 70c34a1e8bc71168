/** Loaded before a measured program (`node --expose-gc --import`). It reports the used memory after a full garbage collection. */
process.on("message", async () => {
  for (let turn = 0; turn < 4; turn += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send({ heldMb: (heapUsed + external) / 1e6, rssMb: rss / 1e6 });
});
// The listener must not keep the program alive.
process.channel?.unref();
