import { expect, test } from "@jest/globals";
import { GatewayError } from "../../../../src/errors.js";
import { type EventsArguments, type Order, ORDERS } from "../../../../src/paging/arguments.js";
import { type EventPage } from "../../../../src/paging/connection.js";
import { HEAD_TTL_MS } from "../../../support/virtual/virtual-gateway.js";
import { START_MS, VirtualJob } from "../../../support/virtual/virtual-job.js";

const LENGTH = 260;
const SIZE = 100;

/** The parts in the cache before the page: none, expired ones, or those of the newest rows. */
const CACHES = ["empty", "expired", "fresh"] as const;
type Cache = (typeof CACHES)[number];

type Change = (job: VirtualJob) => void;

const nothing = (): void => undefined;

const CHANGES: readonly [string, Change][] = [
  [
    "a late event near the end",
    (job) => {
      job.insertLate(LENGTH - 3);
    },
  ],
  [
    "a late event above the blocks",
    (job) => {
      job.insertLate(LENGTH - 45);
    },
  ],
  [
    "a late event below the tail",
    (job) => {
      job.insertLate(LENGTH - 110);
    },
  ],
  [
    "new events",
    (job) => {
      job.append(30);
    },
  ],
  [
    "a trim",
    (job) => {
      job.trim(3);
    },
  ],
  [
    "a trim and as many new events",
    (job) => {
      job.trim(3);
      job.append(3);
    },
  ],
];

function textOf(messages: readonly string[], previous: boolean, next: boolean, total: number): string {
  return `${previous ? "more, " : ""}${messages.join(", ")}${next ? ", more" : ""} of ${total}`;
}

function shown({ nodes, pageInfo, totalCount }: EventPage): string {
  const messages = nodes.map(({ message }) => message);
  return textOf(messages, pageInfo.hasPreviousPage, pageInfo.hasNextPage, totalCount);
}

/** The expected page around an event in the present state of a log. */
function expected(job: VirtualJob, order: Order, event: string): string {
  const list = order === "OLDEST_FIRST" ? job.messages() : job.messages().reverse();
  const index = list.indexOf(event);
  const start = index - Math.min(index, Math.max(SIZE / 2, SIZE - (list.length - index)));
  const end = Math.min(list.length, start + SIZE);
  return textOf(list.slice(start, end), start > 0, end < list.length, list.length);
}

/** The page around an event of a log that changes before a call, and the pages before and after the change. */
async function readWhile(
  change: Change,
  { order, event, cache, at }: { order: Order; event: number; cache: Cache; at: number },
): Promise<{ page: string; possible: readonly string[] }> {
  const job = VirtualJob.ofLength(LENGTH);
  const name = `event ${event}`;
  const around: Partial<EventsArguments> =
    at % 2 === 0
      ? { aroundTime: new Date(START_MS + event * 1000) }
      : { aroundEvent: await idOf(job, event) };
  const gateway = job.gateway();
  if (cache === "expired") {
    await gateway.readFacets({ order, first: 10 });
    job.advanceClock(HEAD_TTL_MS + 1);
  } else if (cache === "fresh") {
    await gateway.read({ first: 10 });
    await gateway.read({ first: 4, aroundTime: new Date(START_MS + (LENGTH - 10) * 1000) });
  }
  const possible = [expected(job, order, name)];
  job.upstream.before = [
    ...Array<() => void>(at).fill(nothing),
    () => {
      change(job);
      possible.push(expected(job, order, name));
    },
  ];
  const page = await gateway.readFacets({ order, first: SIZE, ...around });
  return { page: shown(page), possible };
}

async function idOf(job: VirtualJob, event: number): Promise<string | null> {
  const aroundTime = new Date(START_MS + event * 1000);
  const { nodes } = await job.gateway().read({ order: "OLDEST_FIRST", first: 1, aroundTime }, null, true);
  return nodes[0]?.id ?? null;
}

test.each(CHANGES)(
  "a page around a place shows one state if between two calls comes %s",
  async (_, change) => {
    for (const order of ORDERS)
      for (const cache of CACHES)
        for (const back of [2, 50, 120])
          for (const at of [0, 1, 2]) {
            const reading = { order, event: LENGTH - back, cache, at };
            const answer = await readWhile(change, reading).catch((error: unknown) => {
              if (error instanceof GatewayError && error.code === "UPSTREAM_UNAVAILABLE") return null;
              throw error;
            });
            const isRight = answer === null || answer.possible.includes(answer.page);
            expect({ ...reading, ...(isRight ? {} : answer) }).toEqual(reading);
          }
  },
);
