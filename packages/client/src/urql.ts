import { type Cache, type Resolver, type Variables } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";

export { resumable } from "./follow/resumable.js";

/**
 * For `keys` of graphcache: project and ID identify a job. An event needs its `id`, so that an event of two overlapping
 * pages is once in the list.
 */
export const eventKeys = {
  TrainingJob: ({ projectId, id }: { projectId?: unknown; id?: unknown }): string | null =>
    typeof projectId === "string" && typeof id === "string" ? `${projectId}/${id}` : null,
  TrainingJobEvent: ({ id }: { id?: unknown }): string | null => (typeof id === "string" ? id : null),
  TrainingJobEventConnection: (): null => null,
  TrainingJobEventEdge: (): null => null,
  TrainingJobEventBatch: (): null => null,
  TrainingJobEventLevelCount: (): null => null,
  TrainingJobEventSourceCount: (): null => null,
  TrainingJobEventBucket: (): null => null,
};

/**
 * For `resolvers: { TrainingJob: { events: eventsResolver() } }` of graphcache: joins the pages of a job's events in
 * both directions. If a page fails, the earlier pages stay, and the result also contains the error.
 */
export function eventsResolver(): Resolver {
  // With the default "inwards", newer events would come after older ones.
  const joinPages = relayPagination({ mergeMode: "outwards" });
  return (parent, args, cache, info) => {
    const joined: unknown = joinPages(parent, args, cache, info);
    if (joined !== undefined || info.error === undefined) return joined as ReturnType<Resolver>;
    const loaded = loadedPage(cache, info.parentKey, info.fieldName, args);
    return loaded === null ? undefined : (joinPages(parent, loaded, cache, info) as ReturnType<Resolver>);
  };
}

/** The arguments of a cached page of the same list. */
function loadedPage(cache: Cache, parentKey: string, fieldName: string, args: Variables): Variables | null {
  for (const field of cache.inspectFields(parentKey)) {
    const isPage = field.fieldName === fieldName && sameList(field.arguments ?? {}, args);
    if (isPage && typeof cache.resolve(parentKey, field.fieldKey) === "string") return field.arguments ?? {};
  }
  return null;
}

const PAGE_ARGUMENTS = ["first", "after", "last", "before"];

function sameList(one: Variables, other: Variables): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every(
    (name) => PAGE_ARGUMENTS.includes(name) || JSON.stringify(one[name]) === JSON.stringify(other[name]),
  );
}
