import { GatewayError } from "../../errors.js";
import { type EventsAnswer, type EventsRequest } from "../../modelarts/client.js";
import { LEVELS, SOURCES, type TrainingJobEvent } from "../../training-job-event.js";

/** One line of the report: the checked rule, whether the upstream follows it, and a comment. */
export type Finding = { readonly isGood: boolean; readonly rule: string; readonly detail: string };

/** Reads events. Fields that a check does not set have the values of an unfiltered read from the start. */
export type List = (changes: Partial<EventsRequest>) => Promise<EventsAnswer>;

const LIMIT = 100;
const good = (rule: string, detail: string): Finding => ({ isGood: true, rule, detail });
const bad = (rule: string, detail: string): Finding => ({ isGood: false, rule, detail });

/** Runs a read that the upstream may refuse. */
async function tryList(list: List, changes: Partial<EventsRequest>): Promise<EventsAnswer | GatewayError> {
  try {
    return await list(changes);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

const said = ({ code, details }: GatewayError): string =>
  `${code} ${details.modelArts?.errorCode ?? ""} ${details.modelArts?.errorMsg ?? ""}`.trim();

/**
 * Checks the documented rules of the events API with one job, in at most 17 calls.
 * @throws GatewayError if the first read fails
 */
export async function checkRules(list: List): Promise<Finding[]> {
  const first = await list({});
  const checks = [
    checkOrder,
    checkTotal,
    checkOffsetUnit,
    checkPastEnd,
    checkFilters,
    checkTime,
    checkPattern,
  ];
  const findings = [good("reach", `The job has ${first.total} events; ${first.events.length} came at once.`)];
  if (first.total < 3)
    return [...findings, bad("size", "Use a job with at least 3 events, better over 100.")];
  for (const check of checks) findings.push(...(await check(list, first)));
  return findings;
}

async function checkOrder(list: List, { events }: EventsAnswer): Promise<Finding[]> {
  const isAscending = events.every(({ timeMs }, at) => timeMs >= (events[at - 1]?.timeMs ?? 0));
  const newest = await tryList(list, { order: "desc", limit: 1 });
  const oldestMs = events[0]?.timeMs ?? 0;
  const isDescending = !(newest instanceof GatewayError) && (newest.events[0]?.timeMs ?? 0) >= oldestMs;
  return [
    isAscending
      ? good("order", "`order=asc` returns the oldest events first.")
      : bad("order", "`order=asc` does not sort by time. The gateway refuses such pages."),
    isDescending
      ? good("order", "`order=desc` returns the newest event first.")
      : bad("order", "`order=desc` is ignored or refused. The gateway does not need it."),
  ];
}

async function checkTotal(list: List, first: EventsAnswer): Promise<Finding[]> {
  const { total, events } = first;
  const findings: Finding[] = [];
  if (events.length < Math.min(LIMIT, total))
    findings.push(
      bad("limit", `\`limit=100\` returns only ${events.length} rows. The gateway refuses such pages.`),
    );
  const beyond = await tryList(list, { offset: Math.max(1, total - 1), limit: 2 });
  const rows = beyond instanceof GatewayError ? null : beyond.events.length;
  if (total === 0 || (rows ?? 0) > 1)
    findings.push(
      bad("total", "`total` is smaller than the number of events. The gateway refuses such pages."),
    );
  return findings.length > 0 ? findings : [good("total", "`total` and `limit` agree with the rows.")];
}

async function checkOffsetUnit(list: List, { events, total }: EventsAnswer): Promise<Finding[]> {
  const one = await tryList(list, { offset: 1, limit: 2 });
  if (one instanceof GatewayError) return [bad("offset", `offset=1 is refused: ${said(one)}`)];
  const isAt = (at: number): boolean => isSame(one.events[0], events[at]);
  if (isAt(1) && !isSame(events[1], events[2]))
    return [good("offset", "`offset` counts rows. Set MODELARTS_OFFSET=row.")];
  if (isAt(2) && total > 2) return [good("offset", "`offset` counts pages. Set MODELARTS_OFFSET=page.")];
  if (isAt(0)) return [bad("offset", "`offset` is ignored. The gateway refuses such pages.")];
  return [bad("offset", "The unit of `offset` is not clear. Try a job whose events differ.")];
}

async function checkPastEnd(list: List, { total }: EventsAnswer): Promise<Finding[]> {
  const past = await tryList(list, { offset: total + 10 });
  if (past instanceof GatewayError)
    return [
      good("past the end", `An offset past the end is refused (${said(past)}). The gateway handles it.`),
    ];
  return past.events.length === 0
    ? [good("past the end", "An offset past the end returns no rows.")]
    : [bad("past the end", "An offset past the end returns rows: `total` or `offset` is wrong.")];
}

async function checkFilters(list: List, { total }: EventsAnswer): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of ["level", "source"] as const) {
    let sum = 0;
    for (const value of name === "level" ? LEVELS : SOURCES) {
      const answer = await tryList(list, { [name]: value });
      if (answer instanceof GatewayError) {
        findings.push(bad(name, `${name}=${value} is refused: ${said(answer)}. Do not filter by ${name}.`));
        break;
      }
      sum += answer.total;
      const isKept = answer.events.every((event) => event[name] === null || event[name] === value);
      if (!isKept)
        findings.push(bad(name, `${name}=${value} does not filter. The gateway refuses such pages.`));
    }
    if (findings.every(({ rule }) => rule !== name))
      findings.push(good(name, `\`${name}\` filters: its values have ${sum} of ${total} events.`));
  }
  return findings;
}

async function checkTime(list: List, { events, total }: EventsAnswer): Promise<Finding[]> {
  const middle = events[Math.floor(events.length / 2)]?.timeMs ?? 0;
  const startMs = events[0]?.timeMs ?? 0;
  const answer = await tryList(list, { time: { startMs, endMs: middle } });
  if (answer instanceof GatewayError) return [bad("time", `A time range is refused: ${said(answer)}`)];
  const isKept = answer.events.every(({ timeMs }) => timeMs >= startMs && timeMs <= middle + 999);
  if (!isKept) return [bad("time", "A time range does not filter. The gateway refuses such pages.")];
  const isCounted = answer.total <= total && answer.total >= answer.events.length;
  return [
    isCounted
      ? good("time", `A time range filters, and \`total\` counts it (${answer.total} of ${total}).`)
      : bad("time", "`total` does not count the time range. Jumps to a time need more calls."),
  ];
}

async function checkPattern(list: List, { events }: EventsAnswer): Promise<Finding[]> {
  const word = /[A-Za-z]{4,}/.exec(events.at(-1)?.message ?? "")?.[0];
  if (word === undefined) return [bad("pattern", "The messages have no word to search for.")];
  const exact = await tryList(list, { messageContains: word });
  if (exact instanceof GatewayError) return [bad("pattern", `\`pattern\` is refused: ${said(exact)}`)];
  const isKept = exact.events.every(({ message }) => message.toLowerCase().includes(word.toLowerCase()));
  if (!isKept) return [bad("pattern", "`pattern` does not filter by the text of the message.")];
  const swapped = await tryList(list, { messageContains: swapCase(word) });
  const ignoresCase = !(swapped instanceof GatewayError) && swapped.total === exact.total;
  return [
    good(
      "pattern",
      `\`pattern\` filters; it ${ignoresCase ? "ignores" : "distinguishes"} upper and lower case.`,
    ),
  ];
}

function swapCase(text: string): string {
  return Array.from(text, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join("");
}

function isSame(a: TrainingJobEvent | undefined, b: TrainingJobEvent | undefined): boolean {
  return a !== undefined && b !== undefined && a.timeMs === b.timeMs && a.message === b.message;
}
