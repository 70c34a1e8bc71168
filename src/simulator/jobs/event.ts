/**
 * One event as the simulated service keeps it. `level`, `source` and `message` are whatever a job's author
 * chose, unknown words and null too, since the service documents no closed set for its answers.
 */
export type SimulatedEvent = {
  /** Milliseconds since the epoch, at a whole second: the service knows no finer time. */
  readonly timeMs: number;
  readonly level: string | null;
  readonly source: string | null;
  readonly message: string | null;
  /** What the message reads under `X-Language: zh-cn`; without it the message is the same in each language. */
  readonly messageZh?: string | undefined;
};

/** What a test or the admin path says of an event to write; what is left out is filled in. */
export type EventInput = {
  /** Milliseconds since the epoch. Left out: now, or the log's newest second should that be later. */
  readonly timeMs?: number | undefined;
  /** Left out: `Info`. */
  readonly level?: string | null | undefined;
  /** Left out: `Task`. */
  readonly source?: string | null | undefined;
  readonly message: string | null;
  readonly messageZh?: string | undefined;
};

/** Cuts a moment down to its second. */
export const toSecond = (timeMs: number): number => Math.floor(timeMs / 1000) * 1000;

/** The event that `input` stands for; `nowMs` is its time when it has none. */
export const toEvent = (input: EventInput, nowMs: number): SimulatedEvent => ({
  timeMs: toSecond(input.timeMs ?? nowMs),
  level: input.level === undefined ? "Info" : input.level,
  source: input.source === undefined ? "Task" : input.source,
  message: input.message,
  messageZh: input.messageZh,
});
