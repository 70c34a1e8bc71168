/** Severities of an event, least first, as the graph names them. */
export const LEVELS = ["INFO", "WARNING", "ERROR"] as const;
export type Level = (typeof LEVELS)[number];

/** What wrote an event: Kubernetes, the job's own life cycle, or one task of it. */
export const SOURCES = ["K8S", "JOB", "TASK"] as const;
export type Source = (typeof SOURCES)[number];

/** Languages in which ModelArts writes its messages (header `X-Language`); null leaves the choice to it. */
export type Language = "en-us" | "zh-cn" | null;

/** A closed range of time, in milliseconds since the epoch. */
export type TimeRangeMs = { readonly startMs: number; readonly endMs: number };

/** One event, checked and normalised. `level` and `source` are null where the upstream's value is unknown. */
export type TrainingJobEvent = {
  readonly timeMs: number;
  readonly level: Level | null;
  readonly source: Source | null;
  readonly message: string;
};
