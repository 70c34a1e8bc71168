import {
  type TrainingJobEventFilter,
  type TrainingJobEventLevel,
  type TrainingJobEventSource,
} from "modelarts-events-client";

export const LEVELS: readonly TrainingJobEventLevel[] = ["ERROR", "WARNING", "INFO"];
export const SOURCES: readonly TrainingJobEventSource[] = ["JOB", "TASK", "K8S"];

/** The complete state of the view. It is in the URL, so that users can send a view to a colleague. */
export type View = {
  readonly job: string;
  readonly project: string | null;
  readonly levels: readonly TrainingJobEventLevel[];
  readonly sources: readonly TrainingJobEventSource[];
  readonly text: string;
  /** RFC 3339; null for no limit. */
  readonly start: string | null;
  readonly end: string | null;
  /** The length of a range that ends now, in minutes; it replaces `start`. */
  readonly lastMinutes: number | null;
  /** The `id` of the event at which the list opens. */
  readonly event: string | null;
  /** The time at which the list opens. */
  readonly at: string | null;
  readonly language: "en-us" | "zh-cn";
  readonly isUtc: boolean;
};

/** No filter and no place: the newest events of all. */
export const EVERYTHING = {
  levels: [],
  sources: [],
  text: "",
  start: null,
  end: null,
  lastMinutes: null,
  event: null,
  at: null,
} satisfies Partial<View>;

export function isFiltered({ levels, sources, text, start, end, lastMinutes }: View): boolean {
  const hasRange = start !== null || end !== null || lastMinutes !== null;
  return levels.length > 0 || sources.length > 0 || text !== "" || hasRange;
}

export function viewOf({ pathname, search }: { pathname: string; search: string }): View {
  const query = new URLSearchParams(search);
  const [, job = ""] = /\/events\/([\w-]{1,64})$/.exec(pathname) ?? [];
  const chosen = <Value extends string>(name: string, all: readonly Value[]): Value[] => {
    const given = (query.get(name) ?? "").split(",");
    return all.filter((value) => given.includes(value));
  };
  const minutes = Number(query.get("last"));
  const language = query.get("lang") ?? (navigator.language.startsWith("zh") ? "zh-cn" : "en-us");
  return {
    job: query.get("job") ?? job,
    project: query.get("project"),
    levels: chosen("levels", LEVELS),
    sources: chosen("sources", SOURCES),
    text: (query.get("text") ?? "").slice(0, 256),
    start: query.get("start"),
    end: query.get("end"),
    lastMinutes: Number.isInteger(minutes) && minutes > 0 ? minutes : null,
    event: query.get("event"),
    at: query.get("at"),
    language: language === "zh-cn" ? "zh-cn" : "en-us",
    isUtc: query.get("zone") === "utc",
  };
}

export function searchOf(view: View): string {
  const query = new URLSearchParams();
  const put = (name: string, value: string | null): void => {
    if (value !== null && value !== "") query.set(name, value);
  };
  put("project", view.project);
  put("levels", view.levels.join());
  put("sources", view.sources.join());
  put("text", view.text);
  put("start", view.start);
  put("end", view.end);
  put("last", view.lastMinutes === null ? null : String(view.lastMinutes));
  put("event", view.event);
  put("at", view.at);
  put("lang", view.language);
  put("zone", view.isUtc ? "utc" : null);
  return `?${query.toString()}`;
}

/** @param nowMs the end of a range that ends now */
export function filterOf(view: View, nowMs: number): TrainingJobEventFilter {
  const start =
    view.lastMinutes === null ? view.start : new Date(nowMs - view.lastMinutes * 60_000).toISOString();
  return {
    ...(view.levels.length > 0 && { levels: [...view.levels] }),
    ...(view.sources.length > 0 && { sources: [...view.sources] }),
    ...(view.text !== "" && { messageContains: view.text }),
    ...((start !== null || view.end !== null) && { time: { start, end: view.end } }),
  };
}
