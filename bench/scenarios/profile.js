/** Where the product's CPU goes while it serves the hot page: samples by part of the program. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startProduct } from "../lib/contenders.js";
import { fillDocument } from "../lib/document.js";
import { startLoad } from "../lib/load.js";
import { pageOf } from "../lib/operations.js";
import { table } from "../lib/report.js";
import { startSimulator } from "../lib/simulator.js";

const RESULTS = fileURLToPath(new URL("../results/", import.meta.url));
const REQUESTS = 20_000;

/** The part of the program that a function belongs to. Time inside native code counts for its caller in JS. */
function partOf({ functionName, url }) {
  if (functionName === "(garbage collector)") return "garbage collection";
  if (functionName === "(idle)") return null;
  if (functionName === "(program)") return "native code without a caller";
  const [, dependency] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (dependency) return dependency;
  const [, room] = /\/dist\/([^/]+)/.exec(url) ?? [];
  if (room) return `gateway: ${room}`;
  const [, nodeModule] = /^node:(?:internal\/)?(\w+)/.exec(url) ?? [];
  if (nodeModule)
    return /^(_?http|net|_?stream)/.test(nodeModule) ? "node: HTTP and sockets" : `node: ${nodeModule}`;
  return `built in: ${functionName}`;
}

/** Parts below this share are added up in one row. */
const SMALL = 0.01;

/** @returns by part: microseconds since that time, measured by the clock of the profile */
function byPart({ nodes, samples, timeDeltas, startTime }, fromUs) {
  const parts = new Map(nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]));
  const sums = new Map();
  let at = startTime;
  samples.forEach((id, index) => {
    at += timeDeltas[index];
    const part = parts.get(id);
    if (at < fromUs || part === null) return;
    sums.set(part, (sums.get(part) ?? 0) + timeDeltas[index]);
  });
  return sums;
}

/** Profiles the second half of a steady load, and writes its shares to results/profile.json and docs/performance.md. */
export async function profileHotPage() {
  const directory = mkdtempSync(join(tmpdir(), "bench-profile-"));
  const simulator = await startSimulator();
  const { load, stop } = startLoad();
  await simulator.createJob("profiled", 1000);
  const shares = {};
  for (const vary of [true, false]) {
    const cwd = mkdtempSync(join(directory, "run-"));
    const nodeArgs = ["--cpu-prof", "--cpu-prof-dir", cwd];
    const product = await startProduct(simulator.url, { nodeArgs });
    const spec = { urls: [product.url], requests: [pageOf("profiled", 50)], vary };
    await load({ ...spec, count: REQUESTS / 4 });
    const fromUs = Number(process.hrtime.bigint() / 1000n);
    const { answered } = await load({ ...spec, count: REQUESTS });
    await product.stop("SIGINT");
    const file = readdirSync(cwd).find((name) => name.endsWith(".cpuprofile"));
    const profile = JSON.parse(readFileSync(join(cwd, file), "utf8"));
    const sums = byPart(profile, fromUs);
    const whole = [...sums.values()].reduce((sum, us) => sum + us, 0);
    const title = vary ? "hot 50, varied" : "hot 50, identical";
    const small = [...sums].filter(([, us]) => us < whole * SMALL);
    for (const [part] of small) sums.delete(part);
    const ordered = [...sums].sort(([, a], [, b]) => b - a);
    ordered.push(["all else", small.reduce((sum, [, us]) => sum + us, 0)]);
    shares[title] = Object.fromEntries(ordered.map(([part, us]) => [part, us / whole]));
    console.log(`${title}: ${(whole / answered).toFixed(0)} µs a request while profiled`);
  }
  stop();
  await simulator.stop();
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, "profile.json"), `${JSON.stringify(shares, null, 2)}\n`);
  const report = profileTable(shares);
  console.log(`\n${report}`);
  fillDocument("profile", report);
}

/** Parts by their share in the first of the loads. */
function profileTable(shares) {
  const titles = Object.keys(shares);
  const parts = new Set(titles.flatMap((title) => Object.keys(shares[title])));
  const percent = (share) => (share === undefined ? "–" : `${(100 * share).toFixed(1)} %`);
  return table(
    ["part", ...titles],
    [...parts].map((part) => [part, ...titles.map((title) => percent(shares[title][part]))]),
  );
}
