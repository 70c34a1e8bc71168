/**
 * `npm run bench` measures the gateway and other GraphQL servers on this machine.
 *   --quick       few rounds and few contenders, under three minutes; exit code 1 if a count or a ratio is missed
 *   --only a,b    only these parts: calls, hot, places, redis, blocks, miss, flood, live, resume, memory, growth
 *   --subscribers n, --logs n   for live: the largest number of subscribers, and the number of their logs
 *   --profile     only a CPU profile of the hot page by part
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    subscribers: { type: "string", default: "10000" },
    logs: { type: "string", default: "100" },
    profile: { type: "boolean", default: false },
  },
});

function npm(args, cwd) {
  const { status } = spawnSync("npm", args, { cwd, stdio: "inherit" });
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed in ${cwd}`);
}

if (!existsSync(here("node_modules"))) npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"], here("."));
npm(["run", "--silent", "build"], here(".."));

if (options.profile) {
  const { profileHotPage } = await import("./scenarios/profile.js");
  await profileHotPage();
  process.exit(0);
}

// Imported only after the dependencies are installed.
const { runParts } = await import("./lib/run.js");
const { judge } = await import("./lib/targets.js");
const { fullReport, isMissed, liveTable, resumeTable } = await import("./lib/report.js");
const { fillDocument } = await import("./lib/document.js");
const { plot } = await import("./lib/plot.js");

const { quick } = options;
const startedMs = Date.now();
const say = (what) => console.log(`${((Date.now() - startedMs) / 1000).toFixed(0).padStart(5)} s  ${what}`);
const live = { subscribers: Number(options.subscribers), logs: Number(options.logs) };
const parts = options.only?.split(",") ?? null;
const results = await runParts({ quick, parts, say, live });
const rows = judge(results, quick).filter(({ reached }) => parts === null || reached !== null);
const tookS = Math.round((Date.now() - startedMs) / 1000);

console.log(`\n${fullReport(results, rows)}\n\nTook ${tookS} s.`);
if (quick)
  console.log(
    "Quick run: ratios and sizes count as reached at 0.7 of the target. Counts must be reached exactly, except those in real time.",
  );
const when = `Measured on ${new Date().toISOString().slice(0, 10)} with Node ${process.versions.node} on ${cpus().length} cores.`;
if (!quick && results.live) fillDocument("live", `${when}\n\n${liveTable(results.live)}`);
if (!quick && results.resume) fillDocument("resume", `${when}\n\n${resumeTable(results.resume)}`);
if (parts === null) {
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length };
  const name = quick ? "quick" : "full";
  mkdirSync(here("results"), { recursive: true });
  writeFileSync(
    here(`results/${name}.json`),
    `${JSON.stringify({ at: new Date().toISOString(), machine, tookS, rows, results }, null, 2)}\n`,
  );
  if (!quick) {
    const image = "![CPU per request, times cheaper than AS-naive](performance.svg)";
    fillDocument("results", `${when}\n\n${image}\n\n${fullReport(results, rows)}`);
    writeFileSync(here("../docs/performance.svg"), plot(results.hot));
  }
}
process.exit(quick && rows.some(isMissed) ? 1 : 0);
