/**
 * One event of the simulated service. `level`, `source` and `message` can be any text or null, because the service
 * documents no closed set of values.
 */
export type SimulatedEvent = {
  /** Milliseconds since the epoch, at a whole second, the resolution of the service. */
  readonly timeMs: number;
  readonly level: string | null;
  readonly source: string | null;
  readonly message: string | null;
  /** The message under `X-Language: zh-cn`; absent: the same in each language. */
  readonly messageZh?: string | undefined;
};

/** An event to write, from a test or the admin path. Absent fields get defaults. */
export type EventInput = {
  /** Milliseconds since the epoch. Default: now, or the newest second of the log if that is later. */
  readonly timeMs?: number | undefined;
  /** Default: `Info`. */
  readonly level?: string | null | undefined;
  /** Default: `Task`. */
  readonly source?: string | null | undefined;
  readonly message: string | null;
  readonly messageZh?: string | undefined;
};

/** Rounds a moment down to its second. */
export const toSecond = (timeMs: number): number => Math.floor(timeMs / 1000) * 1000;

/** Makes an event from `input`; `nowMs` is the default time. */
export const toEvent = (input: EventInput, nowMs: number): SimulatedEvent => ({
  timeMs: toSecond(input.timeMs ?? nowMs),
  level: input.level === undefined ? "Info" : input.level,
  source: input.source === undefined ? "Task" : input.source,
  message: input.message,
  messageZh: input.messageZh,
});
