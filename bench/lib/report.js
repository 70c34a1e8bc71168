import { NOT_YET } from "./not-yet.js";

const number = (value) => {
  if (value === null) return "–";
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
};

const SIGNS = { "at least": "≥", "at most": "≤" };

function verdict({ id, ok, stretch }) {
  if (ok === null) return "not available";
  if (ok) return NOT_YET[id] ? "reached; remove it from not-yet.js" : "reached";
  if (stretch) return "stretch, not reached";
  return NOT_YET[id] ? `not reached yet: ${NOT_YET[id]}` : "MISSED";
}

export const isMissed = ({ id, ok, stretch }) => ok === false && !stretch && !NOT_YET[id];

export const table = (head, rows) => {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
};

/** The table of targets and measured values. */
export const targetsTable = (rows) =>
  table(
    ["measure", "target", "reached", ""],
    rows.map((row) => [
      row.title,
      `${SIGNS[row.sense]} ${number(row.target)}`,
      number(row.reached),
      verdict(row),
    ]),
  );

/** CPU of each contender by scenario: µs per request, and how many times cheaper than AS-naive. */
function contendersTable({ scenarios, rss }) {
  const titles = Object.keys(scenarios);
  const names = Object.keys(rss);
  const cell = (title, name) => {
    const measured = scenarios[title][name];
    if (!measured) return "–";
    const times = scenarios[title]["AS-naive"].cpuUs / measured.cpuUs;
    return `${number(measured.cpuUs)} µs, ${number(measured.perSecond)}/s, ${number(times)} ×`;
  };
  return table(
    ["contender", ...titles, "RSS idle / after load, MB"],
    names.map((name) => [
      name,
      ...titles.map((title) => cell(title, name)),
      `${number(rss[name].idle)} / ${number(rss[name].afterLoad)}`,
    ]),
  );
}

function callsTable(calls) {
  const names = Object.keys(calls);
  const titles = Object.keys(calls.product);
  const rows = titles.map((title) => [title, ...names.map((name) => number(calls[name][title] ?? null))]);
  return table(["upstream calls", ...names], rows);
}

function growthTable(growth) {
  const rows = Object.entries(growth).flatMap(([title, sizes]) =>
    Object.entries(sizes).map(([size, { cpuUs, perSecond }]) => [
      title,
      size,
      number(cpuUs),
      number(perSecond),
    ]),
  );
  return table(["what grows", "size", "CPU per request, µs", "requests/s"], rows);
}

/** For each number of subscribers: CPU and delay of a batch, and memory of a subscriber. */
export function liveTable({ bySize }) {
  const rows = Object.entries(bySize).flatMap(([size, measured]) =>
    Object.entries(measured).map(([name, figures]) => [
      size,
      name,
      number(figures.cpuUs),
      number(figures.cores),
      `${number(figures.idleKib)} / ${number(figures.flowingKib)} / ${number(figures.idleRssKib)}`,
      `${number(figures.p50Ms)} / ${number(figures.p99Ms)}`,
      number(figures.callsPerS),
    ]),
  );
  const head = [
    "subscribers",
    "server",
    "CPU per batch and subscriber, µs",
    "cores",
    "KiB of a subscriber: idle / with events / RSS, idle",
    "delay after the reading, p50 / p99, ms",
    "upstream calls/s",
  ];
  return table(head, rows);
}

/** The times of resumed subscribers, by client, and the costs before and after the end of a gateway. */
export function resumeTable({ byClient, lost, repeated, before, after }) {
  const times = Object.entries(byClient).map(([name, { p50Ms, maxMs }]) => [
    `resumed, p50 / max, ms: ${name}`,
    `${number(p50Ms)} / ${number(maxMs)}`,
  ]);
  const pair = (key) => `${number(before[key])} / ${number(after[key])}`;
  return table(
    ["measure", ""],
    [
      ...times,
      ["lost / repeated events", `${lost} / ${repeated}`],
      ["upstream calls/s, before / after", pair("meanPerS")],
      ["most upstream calls in a second, before / after", pair("mostInS")],
      ["CPU of the other gateway in 10 s, ms, before / after", pair("cpuMs")],
    ],
  );
}

/** All measurements as Markdown tables, separated by blank lines. */
export function fullReport(results, rows) {
  const { hot, places, calls, growth, miss, memory, redis, blocks } = results;
  const redisRows = Object.entries(redis?.figures ?? {});
  const facts = [
    ...Object.entries(miss ?? {}).map(([name, { addedP50Ms }]) => [
      `cache miss, added p50: ${name}`,
      `${number(addedP50Ms)} ms`,
    ]),
    ...(redis?.available ? [["page in Redis only: upstream calls", number(redis.upstreamCalls)]] : []),
    ...redisRows.map(([name, { cpuUs }]) => [`page in Redis: ${name}`, `${number(cpuUs)} µs`]),
    ...Object.entries(blocks?.figures ?? {}).map(([name, { cpuUs, wallUs }]) => [
      `a block of 15 KB: ${name}`,
      `${number(cpuUs)} µs CPU, ${number(wallUs)} µs elapsed`,
    ]),
    ...(blocks
      ? [["p99 before and after Redis stopped", Object.values(blocks.p99).map(number).join(" ms, ") + " ms"]]
      : []),
    ...Object.entries(places ?? {}).map(([name, { cpuUs }]) => [
      `a built page: ${name}`,
      `${number(cpuUs)} µs`,
    ]),
    ...(hot ? [["gzip 9 size of AS-naive's page of 50: × uncompressed", number(hot.bytes.naivePart)]] : []),
    ...Object.entries(memory ?? {}).map(([name, value]) => [`memory: ${name}`, number(value)]),
  ];
  return [
    targetsTable(rows),
    hot && contendersTable(hot),
    calls && callsTable(calls),
    growth && growthTable(growth),
    facts.length > 0 && table(["also measured", ""], facts),
  ]
    .filter(Boolean)
    .join("\n\n");
}
