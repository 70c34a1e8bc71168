import fc from "fast-check";
import { ORDERS } from "../../../src/paging/arguments.js";
import { type EventEdge } from "../../../src/paging/connection.js";
import { type EventFilterInput } from "../../../src/paging/filter.js";
import { type EventInput, type SimulatedEvent } from "../../../src/simulator/jobs/event.js";
import { type JobStore } from "../../../src/simulator/jobs/job-store.js";
import { type Language, LEVELS, SOURCES } from "../../../src/training-job-event.js";
import { HEAD_TTL_MS, JOB, SETTLED_TTL_MS, VirtualGateway } from "./virtual-gateway.js";
import { VirtualModelArts } from "./virtual-modelarts.js";
import { type PageSource, type Step, walk } from "../walk.js";

type Line = { gap: number; level: string; source: string; text: number };

const START_MS = Date.UTC(2025, 11, 1);
/** More than enough for a walk in pages of one event. */
const ROUNDS_MAX = 2_000;

// Few texts and many events of one second, so that exact repeats are common.
export const line: fc.Arbitrary<Line> = fc.record({
  gap: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 3 }) },
  ),
  level: fc.constantFrom("Info", "Warning", "Error"),
  source: fc.constantFrom("K8S", "Job", "Task"),
  text: fc.integer({ min: 0, max: 3 }),
});

export const filter: fc.Arbitrary<EventFilterInput | null> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  {
    weight: 3,
    arbitrary: fc.record({
      levels: fc.option(fc.subarray([...LEVELS], { minLength: 1 })),
      sources: fc.option(fc.subarray([...SOURCES], { minLength: 1 })),
    }),
  },
);

type Change =
  | { kind: "pause"; ms: number }
  | { kind: "append"; lines: Line[] }
  | { kind: "late"; line: Line; secondsAgo: number }
  | { kind: "trim"; count: number };

const pause = fc.record({
  kind: fc.constant("pause" as const),
  ms: fc.constantFrom(0, 300, HEAD_TTL_MS + 1, SETTLED_TTL_MS + 1),
});
const append = fc.record({
  kind: fc.constant("append" as const),
  lines: fc.array(line, { minLength: 1, maxLength: 30 }),
});
const late = fc.record({
  kind: fc.constant("late" as const),
  line,
  secondsAgo: fc.integer({ min: 0, max: 400 }),
});
const trim = fc.record({ kind: fc.constant("trim" as const), count: fc.integer({ min: 1, max: 60 }) });

/** Changes of a log between two pages of a walk. */
export const CHANGES = {
  quiet: fc.oneof(pause),
  growing: fc.oneof(pause, append),
  slipping: fc.oneof(pause, append, late),
  trimming: fc.oneof(pause, append, trim),
  everything: fc.oneof(pause, append, late, trim),
} as const;

/** A log, the walk through it, and the changes during the walk. */
export function scenarios(change: fc.Arbitrary<Change>, language: fc.Arbitrary<Language>) {
  return fc.record({
    lines: fc.oneof(fc.array(line, { maxLength: 30 }), fc.array(line, { minLength: 90, maxLength: 420 })),
    order: fc.constantFrom(...ORDERS),
    direction: fc.constantFrom("forward" as const, "backward" as const),
    filter,
    unit: fc.constantFrom("row" as const, "auto" as const),
    pages: fc.array(
      fc.record({
        size: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(1, 50, 99, 100)),
        process: fc.integer({ min: 0, max: 1 }),
        language,
        changes: fc.array(change, { maxLength: 2 }),
        duringCalls: fc.option(
          fc.record({ nth: fc.integer({ min: 0, max: 2 }), isReversed: fc.boolean(), change: append }),
        ),
      }),
      { minLength: 1, maxLength: 12 },
    ),
  });
}

export type Scenario = ReturnType<typeof scenarios> extends fc.Arbitrary<infer T> ? T : never;

/** The events that a walk returned, and the events of the log. */
export type Played = {
  readonly met: readonly EventEdge[];
  /** How many pages had no event. */
  readonly emptyPages: number;
  /** The events that existed both at the start and at the end of the walk. */
  readonly survivors: readonly SimulatedEvent[];
  /** All events that the log had at any time. */
  readonly ever: readonly SimulatedEvent[];
};

/** The environment of a scenario: the jobs of the upstream, its clock, and two gateways with their own caches. */
export type Stage = {
  readonly jobs: Pick<JobStore, "create" | "add" | "trim" | "rows">;
  readonly pause: (ms: number) => void;
  readonly gateways: readonly [PageSource, PageSource];
  /** Makes a change during the next calls, after a number of them, if the stage supports it. */
  readonly duringCalls?: (calls: number, isReversed: boolean, makeChange: () => void) => void;
};

/** A stage without sockets, on a virtual clock. */
function virtualStage({ unit }: Scenario): Stage {
  const upstream = new VirtualModelArts();
  return {
    jobs: upstream.simulation.jobs,
    pause: (ms) => {
      upstream.nowMs += ms;
    },
    gateways: [new VirtualGateway(upstream, unit), new VirtualGateway(upstream, unit)],
    duringCalls: (calls, isReversed, makeChange) => {
      upstream.isReversed = isReversed;
      upstream.before = [...Array.from({ length: calls }, () => () => undefined), makeChange];
    },
  };
}

/** Walks one log through two processes, one of them with an old cache, while the log changes. */
export async function play(plan: Scenario, stage: Stage = virtualStage(plan)): Promise<Played> {
  const { gateways } = stage;
  const log = new ChangingLog(plan.lines, stage);
  await gateways[1].read({ first: 100 }, null);
  await gateways[1].read({ order: "OLDEST_FIRST", first: 100 }, null);
  const atStart = log.rows();
  const steps = function* (): Generator<Step> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      for (const [index, { size, process, language, changes, duringCalls }] of plan.pages.entries()) {
        yield {
          size,
          gateway: gateways[process === 0 ? 0 : 1],
          language,
          before: () => {
            // No change before the first page, and a bounded number of changes, because a walk over a log that always
            // grows has no end.
            if (round > 0 || index === 0) return;
            for (const change of changes) log.apply(change);
            if (duringCalls !== null) {
              stage.duringCalls?.(duringCalls.nth, duringCalls.isReversed, () => {
                log.apply(duringCalls.change);
              });
            }
          },
        };
      }
    }
  };
  const { met, emptyPages } = await walk(plan, steps());
  const left = new Set(log.rows());
  return { met, emptyPages, survivors: atStart.filter((row) => left.has(row)), ever: [...log.ever] };
}

/** The log of a scenario at the upstream. It makes the changes, and knows every event that the log had at any time. */
export class ChangingLog {
  readonly ever = new Set<SimulatedEvent>();
  #timeMs = START_MS;

  constructor(
    lines: readonly Line[],
    private readonly stage: Stage,
  ) {
    this.stage.jobs.create(
      JOB.jobId,
      lines.map((line) => this.#write(line)),
    );
    this.rows();
  }

  rows(): readonly SimulatedEvent[] {
    const rows = this.stage.jobs.rows(JOB.jobId);
    for (const row of rows) this.ever.add(row);
    return rows;
  }

  apply(change: Change): void {
    const { jobs } = this.stage;
    switch (change.kind) {
      case "pause":
        this.stage.pause(change.ms);
        break;
      case "append":
        jobs.add(
          JOB.jobId,
          change.lines.map((line) => this.#write(line)),
        );
        break;
      case "late": {
        const event = this.#write({ ...change.line, gap: 0 });
        jobs.add(JOB.jobId, [{ ...event, timeMs: this.#timeMs - change.secondsAgo * 1000 }]);
        break;
      }
      case "trim":
        jobs.trim(JOB.jobId, this.#tellableCut(change.count));
    }
    this.rows();
  }

  /**
   * The number of oldest events to trim: at least `count`, and, if their last second has exact repeats, that whole
   * second. A trim through exact repeats leaves the same log as another trim, so a test could not check it.
   */
  #tellableCut(count: number): number {
    const rows = this.rows();
    const last = rows[Math.min(count, rows.length) - 1];
    if (last === undefined) return 0;
    const second = rows.filter(({ timeMs }) => timeMs === last.timeMs);
    const texts = new Set(second.map(({ level, source, message }) => `${level} ${source} ${message}`));
    return texts.size === second.length ? count : rows.filter(({ timeMs }) => timeMs <= last.timeMs).length;
  }

  #write({ gap, level, source, text }: Line): EventInput & { timeMs: number } {
    this.#timeMs += gap * 1000;
    return { timeMs: this.#timeMs, level, source, message: `text ${text}`, messageZh: `文本 ${text}` };
  }
}
