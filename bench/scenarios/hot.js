/** The hot page: all requested data is in the contender's memory. */
import { gzipSync } from "node:zlib";
import { startContenders, stopAll } from "../lib/contenders.js";
import { checkPage, pageOf, toHive } from "../lib/operations.js";
import { inRounds } from "../lib/rounds.js";
import { post, rssMb } from "../lib/server.js";

const QUICK = ["LIMIT-parse", "AS-naive", "mercurius-jit", "product", "product-apollo"];
const FULL = ["LIMIT-http", ...QUICK, "AS-redis", "AS-response-cache", "mercurius-jit-shaped", "Hive-cached"];

const JOBS = ["hot-0", "hot-1", "hot-2", "hot-3"];
const ORDERS = ["NEWEST_FIRST", "OLDEST_FIRST"];

/** Eight pages that are equal in size, and with `vary` a variable that makes each request's bytes new. */
const varied = (first) => ({
  requests: JOBS.flatMap((id) => ORDERS.map((order) => pageOf(id, first, order))),
  vary: true,
});
const identical = (first) => ({ requests: [pageOf(JOBS[0], first)], vary: false });

const SCENARIOS = {
  "hot 50, varied": varied(50),
  "hot 50, identical": identical(50),
  "hot 10, varied": varied(10),
  "hot 10, identical": identical(10),
};

/** Contenders that can only answer a request whose bytes they have seen before. They get repeats in every scenario. */
const OF_REPEATS = ["AS-response-cache", "Hive-cached"];

/** The requests of the scenario, written for this contender's schema. */
function inWordsOf(name, { requests, vary }) {
  if (OF_REPEATS.includes(name)) {
    return { requests: name === "Hive-cached" ? requests.map(toHive) : requests, vary: false };
  }
  if (name !== "LIMIT-http") return { requests, vary };
  // This contender does not read the body: its URL selects the answer.
  return { requests, vary, paths: requests.map(({ variables }) => `/?${new URLSearchParams(variables)}`) };
}

async function checkAnswers(servers, simulator) {
  for (const [name, server] of Object.entries(servers)) {
    for (const scenario of [varied(50), varied(10)]) {
      const { requests, paths } = inWordsOf(name, scenario);
      for (const [index, request] of requests.entries()) {
        const url = paths ? new URL(paths[index], server.url) : server.url;
        const answer = await (await fetch(url, post(JSON.stringify(request)))).json();
        const { id, first, order } = scenario.requests[index].variables;
        const direction = order === "OLDEST_FIRST" ? "asc" : "desc";
        const truth = await simulator.page(id, { limit: first, order: direction });
        checkPage(name, answer, truth, { first });
      }
    }
  }
}

/** @returns `{ scenarios, rss }`: medians by scenario and contender; memory idle and after load by contender; bytes */
export async function measureHot({ simulator, load, redisUrl, quick, say }) {
  for (const [index, id] of JOBS.entries()) await simulator.createJob(id, 1000, index + 1);
  const wanted = (quick ? QUICK : FULL).filter((name) => name !== "AS-redis" || redisUrl);
  const servers = await startContenders(wanted, simulator.url, redisUrl ? { REDIS_URL: redisUrl } : {});
  const rss = Object.fromEntries(wanted.map((name) => [name, { idle: rssMb(servers[name].pid) }]));
  await checkAnswers(servers, simulator);
  say(`${wanted.length} contenders answer correctly`);

  const scenarios = {};
  for (const [title, scenario] of Object.entries(SCENARIOS)) {
    const specs = Object.fromEntries(
      wanted.map((name) => {
        const { url, pid } = servers[name];
        return [name, { ...inWordsOf(name, scenario), urls: [url], pids: [pid] }];
      }),
    );
    // These two contenders take part in one scenario only.
    const once = ["AS-redis", "product-apollo"];
    const measured = wanted.filter((name) => !once.includes(name) || title === "hot 50, varied");
    for (const name of measured) await load({ ...specs[name], count: 2500 });
    const ms = quick ? 400 : 1500;
    scenarios[title] = await inRounds(
      Object.fromEntries(measured.map((name) => [name, () => load({ ...specs[name], ms })])),
      quick ? { rounds: 4, extraRounds: 0 } : { rounds: 5 },
    );
    say(title);
  }
  for (const name of wanted) rss[name].afterLoad = rssMb(servers[name].pid);
  const bytes = await measureBytes(servers, load);
  await stopAll(servers);
  return { scenarios, rss, bytes };
}

/** The size of a page of 50, uncompressed and with gzip, and the gzip ratio of AS-naive's page with its short cursors. */
async function measureBytes({ product, "AS-naive": naive }, load) {
  const spec = { ...identical(50), urls: [product.url], count: 20, connections: 1 };
  const plain = await load(spec);
  const zipped = await load({ ...spec, headers: { "Accept-Encoding": "gzip" } });
  const [request] = spec.requests;
  const page = await (await fetch(naive.url, post(JSON.stringify(request)))).text();
  const naivePart = gzipSync(page, { level: 9 }).length / Buffer.byteLength(page);
  return { plain: plain.bytes, gzip: zipped.bytes, naivePart };
}
