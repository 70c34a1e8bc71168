/** The memory of 1,000 cached blocks of 100 events, after a full garbage collection. */
import { fileURLToPath } from "node:url";
import { startProduct } from "../lib/contenders.js";
import { pageOf } from "../lib/operations.js";
import { post } from "../lib/server.js";

const PROBE = fileURLToPath(new URL("../lib/memory-probe.js", import.meta.url));
const BOUNDS_MB = [4, 16];

/** Reads the oldest `blocks` blocks of a log, in pages of one block. */
async function readBlocks(server, id, blocks, language) {
  let after;
  for (let block = 0; block < blocks; block += 1) {
    const { body, headers, method } = post(JSON.stringify(pageOf(id, 100, "OLDEST_FIRST", after)));
    const init = { method, body, headers: { ...headers, "X-Language": language } };
    const { data, errors } = await (await fetch(server.url, init)).json();
    if (errors) throw new Error(`Reading blocks failed: ${JSON.stringify(errors)}`);
    after = data.trainingJob.events.pageInfo.endCursor;
  }
}

/** By how many MB the product's memory grows when it reads these blocks. */
async function grownMb(simulator, { language, blocks, maxBytes }) {
  const server = await startProduct(simulator.url, {
    nodeArgs: ["--expose-gc", "--import", PROBE],
    env: { CACHE_MEMORY_MAX_BYTES: String(maxBytes), CACHE_SETTLED_TTL_MS: "3600000" },
  });
  // The first use of the code also needs memory, which is not part of the cache.
  for (let turn = 0; turn < 300; turn += 1) await readBlocks(server, "memory-warm", 1, language);
  const before = await server.memory();
  await readBlocks(server, "memory", blocks, language);
  const after = await server.memory();
  await server.stop();
  return after.heldMb - before.heldMb;
}

/** @returns megabytes by the language of the messages, and the size of a block in the upstream's answer */
export async function measureMemory({ simulator, quick, say }) {
  await simulator.createJob("memory-warm", 100, 1);
  await simulator.createJob("memory", 200_000, 2);
  const maxBytes = 256_000_000;
  const blockBytes = async (language) => {
    const page = await simulator.page("memory", { limit: 100, order: "asc" }, { "X-Language": language });
    return Buffer.byteLength(JSON.stringify(page));
  };
  const blocks = quick ? 500 : 1000;
  const perThousand = async (language) =>
    (1000 / blocks) * (await grownMb(simulator, { language, blocks, maxBytes }));
  const result = {
    englishMb: await perThousand("en-us"),
    chineseMb: await perThousand("zh-cn"),
    englishBlockBytes: await blockBytes("en-us"),
    chineseBlockBytes: await blockBytes("zh-cn"),
  };
  if (!quick) {
    // Both limits are exceeded. The difference of the two results contains only memory of the cache.
    const [small, large] = BOUNDS_MB;
    const overfull = (megabytes) =>
      grownMb(simulator, { language: "en-us", blocks: 2000, maxBytes: megabytes * 1e6 });
    result.perByteOfBound = ((await overfull(large)) - (await overfull(small))) / (large - small);
  }
  await simulator.deleteJob("memory");
  say("memory");
  return result;
}
