import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";
import { GatewayError } from "../../../src/errors.js";
import { subscribe } from "../../../src/modelarts/channels.js";
import { type EventsArguments, ORDERS } from "../../../src/paging/arguments.js";
import { LAWS_KEPT, type Laws } from "../../../src/simulator/laws.js";
import { HEAD_TTL_MS, type VirtualGateway } from "../../support/virtual/virtual-gateway.js";
import { START_MS, VirtualJob } from "../../support/virtual/virtual-job.js";

let reported: string[] = [];
const unsubscribe = subscribe("gateway:modelarts:broken-law", ({ law }) => reported.push(law));
beforeEach(() => {
  reported = [];
});
afterAll(unsubscribe);

const COUNT = 1_000;
const LEVEL = "ERROR";

/** `right`, `wrong`, or the code of an error. */
type Outcome = string;

/** A job of a service that breaks these rules; every tenth event is an error of Kubernetes. */
function brokenJob(broken: Partial<Laws>, pageOffsets = false): VirtualJob {
  const job = new VirtualJob([]);
  for (let at = 0; at < COUNT; at += 1) {
    const isError = at % 10 === 0;
    job.write({
      timeMs: START_MS + Math.floor(at / 2) * 1000,
      message: `event ${at}${at % 100 === 77 ? " 7k" : ""}`,
      level: isError ? "Error" : "Info",
      source: isError ? "K8S" : "Task",
    });
  }
  job.upstream.simulation.set({ pageOffsets, brokenLaws: { ...LAWS_KEPT, ...broken } });
  return job;
}

/** Reads one page and compares it with the log. */
async function outcomeOf(
  job: VirtualJob,
  gateway: VirtualGateway,
  page: Partial<EventsArguments>,
): Promise<Outcome> {
  const isKept = (message: string): boolean => {
    const at = Number(message.split(" ")[1]);
    if (page.filter?.time) return at < 200;
    if (page.filter?.messageContains) return message.includes(page.filter.messageContains);
    return (page.filter?.levels ?? page.filter?.sources) ? at % 10 === 0 : true;
  };
  const all = job.messages().filter(isKept);
  const first = page.first ?? 0;
  const expected = page.order === "OLDEST_FIRST" ? all.slice(0, first) : all.slice(-first).reverse();
  try {
    const { nodes, totalCount } = await gateway.read(page);
    const seconds = (messages: readonly string[]): string =>
      messages.map((message) => Math.floor(Number(message.split(" ")[1]) / 2)).join();
    const isRight =
      totalCount === all.length && seconds(nodes.map(({ message }) => message)) === seconds(expected);
    return isRight ? "right" : "wrong";
  } catch (error) {
    return error instanceof GatewayError ? error.code : String(error);
  }
}

const TIME = {
  start: new Date(START_MS),
  end: new Date(START_MS + 99_000),
};
const PAGES: readonly Partial<EventsArguments>[] = [
  { first: 50 },
  { order: "OLDEST_FIRST", first: 50 },
  { first: 100 },
  { first: 20, filter: { levels: [LEVEL] } },
  { first: 20, filter: { sources: ["K8S"] } },
  { first: 50, filter: { time: TIME } },
  { first: 50, filter: { messageContains: "event" } },
  { first: 50, filter: { messageContains: "7k" } },
  { first: 50, filter: { messageContains: "nothing" } },
];

/** The outcomes of reading each page in a fresh process and then twice again after its head has expired. */
async function outcomes(broken: Partial<Laws>, pageOffsets = false, pages = PAGES): Promise<Outcome[][]> {
  return Promise.all(
    pages.map(async (page) => {
      const job = brokenJob(broken, pageOffsets);
      const gateway = job.gateway("auto");
      const seen: Outcome[] = [];
      for (let time = 0; time < 3; time += 1) {
        seen.push(await outcomeOf(job, gateway, page));
        job.advanceClock(HEAD_TTL_MS + 1);
      }
      return seen;
    }),
  );
}

/** The results that are not a correct page. */
function failures(seen: readonly (readonly Outcome[])[]): Set<Outcome> {
  return new Set(seen.flat().filter((outcome) => outcome !== "right"));
}

const INVALID = new Set(["UPSTREAM_INVALID_RESPONSE"]);

describe("a service that breaks a documented rule never causes a wrong page", () => {
  test.each<[string, Partial<Laws>, readonly string[]]>([
    ["`order` ignored", { orderIgnored: true }, ["order"]],
    ["`level` ignored", { filtersIgnored: ["level"] }, ["level"]],
    ["`source` ignored", { filtersIgnored: ["source"] }, ["source"]],
    ["time range ignored", { filtersIgnored: ["time"] }, ["time"]],
    ["`pattern` ignored", { filtersIgnored: ["pattern"] }, ["pattern"]],
    ["`total` always 0", { total: "zero" }, ["total"]],
    ["`limit` reduced to 50", { limitMax: 50 }, ["limit"]],
    ["`offset` ignored", { offsetIgnored: true }, ["offset"]],
  ])("%s", async (_name, broken, laws) => {
    expect(failures(await outcomes(broken))).toEqual(INVALID);
    expect(new Set(reported)).toEqual(new Set(laws));
  });

  test("if offsets over 500 are refused, pages that need them are refused", async () => {
    const seen = failures(await outcomes({ offsetMax: 500 }));
    expect(seen).toEqual(new Set(["UPSTREAM_BAD_REQUEST"]));
  });

  test("if the order within a second changes at each call, pages over a block boundary can be refused", async () => {
    for (const outcome of failures(await outcomes({ secondsShuffled: true }))) {
      expect(outcome).toBe("UPSTREAM_UNAVAILABLE");
    }
  });
});

describe("a wrong `total` is found by the first page of the newest events", () => {
  test.each<[string, Partial<Laws>]>([
    ["too small by 1", { total: 1 }],
    ["too small by 3", { total: 3 }],
    ["limited to 500", { totalMax: 500 }],
  ])("%s", async (_name, broken) => {
    // A page of the oldest events reads one block, which cannot show it.
    const newest = PAGES.filter(({ order, filter }) => order !== "OLDEST_FIRST" && !filter);
    const sizes = [80, 81, 97, 98, 100].map((first) => ({ first }));
    const seen = await outcomes(broken, false, [...newest, ...sizes]);
    expect(new Set(seen.flat())).toEqual(INVALID);
    expect(new Set(reported)).toEqual(new Set(["total"]));
  });

  test("too small by 3 beside exactly 100 needed rows, when the head is renewed", async () => {
    const renewed = (await outcomes({ total: 3 }, false, [{ first: 99 }])).map((seen) => seen.slice(1));
    expect(new Set(renewed.flat())).toEqual(INVALID);
    expect(new Set(reported)).toEqual(new Set(["total"]));
  });

  test("the number of rows, when the head is renewed", async () => {
    const newest = PAGES.filter(({ order }) => order !== "OLDEST_FIRST");
    const renewed = (await outcomes({ total: "rows" }, false, newest)).map((seen) => seen.slice(1));
    expect(failures(renewed)).toEqual(INVALID);
    expect(new Set(reported)).toEqual(new Set(["total"]));
  });
});

describe("a walk never ends before the last event", () => {
  // Blocks end at the ordinals 100, 199, 298 and 397. A full block whose end is the total does not show further rows.
  test.each([105, 199, 201, 298, 300, 397, 400])("of %d events, if `total` is too small", async (count) => {
    for (const missing of [1, 2, 3]) {
      const job = VirtualJob.ofLength(count);
      job.upstream.simulation.set({ brokenLaws: { ...LAWS_KEPT, total: missing } });
      await expect(job.gateway().walk({ order: "OLDEST_FIRST", first: 100 })).rejects.toMatchObject({
        code: "UPSTREAM_INVALID_RESPONSE",
      });
      await expect(job.gateway().walk({ order: "NEWEST_FIRST", first: 100 })).rejects.toMatchObject({
        code: "UPSTREAM_INVALID_RESPONSE",
      });
    }
  });

  test.each([101, 199, 298, 397])("of %d events, if `total` is right", async (count) => {
    for (const order of ORDERS) {
      const job = VirtualJob.ofLength(count);
      expect(await job.gateway().walk({ order, first: 100 })).toHaveLength(count);
    }
  });
});

describe("a service with a documented variant is supported", () => {
  test.each<[string, Partial<Laws>, boolean]>([
    ["offsets past the end refused", { pastEndRefused: true }, false],
    ["page offsets, refused past the end", { pastEndRefused: true }, true],
  ])("%s", async (_name, broken, pageOffsets) => {
    expect(failures(await outcomes(broken, pageOffsets))).toEqual(new Set());
    expect(reported).toEqual([]);
  });
});
