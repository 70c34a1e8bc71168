import {
  AllEventsDocument,
  type TrainingJobEventFilter,
  type TrainingJobEventLevel,
  type TrainingJobEventSource,
} from "modelarts-events-client";
import { useEffect, useState } from "react";
import { type EventList } from "./event-list.js";
import { LEVELS, SOURCES } from "./view.js";

export type Counts = Readonly<Partial<Record<TrainingJobEventLevel | TrainingJobEventSource, number>>>;

/** How many events each chip would show under the rest of the filter, as of the list's first page. */
export function useCounts(list: EventList): Counts | null {
  const [counts, setCounts] = useState<Counts | null>(null);
  useEffect(() => {
    let isGone = false;
    const { levels, sources, ...rest } = list.filter;
    const total = async (filter: TrainingJobEventFilter): Promise<number> => {
      const { job, project } = list.view;
      const variables = { id: job, projectId: project, filter, first: 0 };
      const { trainingJob } = await list.gateway.execute(AllEventsDocument, variables);
      return trainingJob?.events?.totalCount ?? 0;
    };
    const count = async (): Promise<void> => {
      const one = async (name: string, filter: TrainingJobEventFilter): Promise<[string, number]> => [
        name,
        await total({ ...rest, ...filter }),
      ];
      const found = await Promise.all([
        ...LEVELS.map((level) => one(level, { ...(sources && { sources }), levels: [level] })),
        ...SOURCES.map((source) => one(source, { ...(levels && { levels }), sources: [source] })),
      ]);
      if (!isGone) setCounts(Object.fromEntries(found));
    };
    setCounts(null);
    // The list itself reports a failure, with advice.
    count().catch(() => undefined);
    return () => {
      isGone = true;
    };
  }, [list]);
  return counts;
}
