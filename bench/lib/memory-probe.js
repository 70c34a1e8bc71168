/** Loaded before a measured program (`node --expose-gc --import`): tells what it holds once all rubbish is collected. */
process.on("message", async () => {
  for (let turn = 0; turn < 4; turn += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send({ heldMb: (heapUsed + external) / 1e6, rssMb: rss / 1e6 });
});
// Listening to messages alone must not keep the program alive.
process.channel?.unref();
