// The table of a soak, and whether it succeeded.

/** In a shorter run, memory still grows because the processes have just started. */
const JUDGE_GROWTH_FROM_MS = 300_000;

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

export function printReport({ requests, streams, endings, growth, graceMs, durationMs }) {
  const timesMs = requests.timesMs.sort((one, other) => one - other);
  const slowestStopMs = Math.max(...endings.map(({ ms }) => ms));
  const rows = [
    ["requests answered", requests.answered, true],
    ["requests failed", requests.failed, requests.answered > 0 && requests.failed === 0],
    ["p50, p99 of a request, ms", `${at(timesMs, 0.5).toFixed(1)}, ${at(timesMs, 0.99).toFixed(1)}`, true],
    ["events of the streams", streams.events, streams.events > 0],
    ["events lost", streams.lost, streams.lost === 0],
    ["events repeated", streams.repeated, streams.repeated === 0],
    ["streams interrupted", streams.interruptions, true],
    ["streams ended by an error", streams.failures.length, streams.failures.length === 0],
    ["stops", endings.length, endings.length > 2],
    ["stops without exit code 0", endings.filter(({ code }) => code !== 0).length, endings.every(isClean)],
    ["slowest stop, ms", slowestStopMs.toFixed(0), slowestStopMs < graceMs + 1_000],
    ...growth.map(({ name, first, last, isFlat }) => [
      `${name}, first and last third`,
      `${first.toFixed(1)} → ${last.toFixed(1)}`,
      isFlat || durationMs < JUDGE_GROWTH_FROM_MS,
    ]),
  ];
  for (const [name, value, isGood] of rows) {
    console.log(`${isGood ? "ok  " : "FAIL"}  ${name.padEnd(36)} ${value}`);
  }
  for (const failure of [...requests.failures, ...streams.failures.slice(0, 5)]) console.log(failure);
  return rows.every(([, , isGood]) => isGood);
}

function isClean({ code }) {
  return code === 0;
}
