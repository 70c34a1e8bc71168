/** Severities of an event, lowest first, as the schema names them. */
export const LEVELS = ["INFO", "WARNING", "ERROR"] as const;
export type Level = (typeof LEVELS)[number];

/** The source of an event: Kubernetes, the life cycle of the job, or one of its tasks. */
export const SOURCES = ["K8S", "JOB", "TASK"] as const;
export type Source = (typeof SOURCES)[number];

/** Languages in which ModelArts writes its messages (header `X-Language`); null leaves the choice to ModelArts. */
export type Language = "en-us" | "zh-cn" | null;

/** A closed range of time, in milliseconds since the epoch. */
export type TimeRangeMs = { readonly startMs: number; readonly endMs: number };

/**
 * One event, checked and normalised. `level` and `source` are null if the upstream's value is unknown. The texts are
 * the upstream's own; an absent text equals the value.
 */
export type TrainingJobEvent = {
  readonly timeMs: number;
  readonly level: Level | null;
  readonly source: Source | null;
  readonly message: string;
  readonly levelText?: string | null;
  readonly sourceText?: string | null;
};
