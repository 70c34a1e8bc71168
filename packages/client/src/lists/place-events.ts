/** The parts of an edge that decide its place in a list. Without `id`, the cursor identifies the event. */
export type ListedEdge = {
  readonly cursor: string;
  readonly node: { readonly id?: string; readonly time: string };
};

/**
 * Adds events to a list in the order NEWEST_FIRST: each event once, at the place of its time. Use it for `edges` and
 * `lateEdges` of a batch, in any order.
 * @param added oldest first, as in batches
 * @returns the same list if nothing was added
 */
export function placeEvents<Edge extends ListedEdge>(
  list: readonly Edge[],
  added: readonly Edge[],
): readonly Edge[] {
  const newestFirst = [...added].reverse().sort((a, b) => compare(b.node.time, a.node.time));
  const placed: Edge[] = [];
  let at = 0;
  for (const edge of newestFirst) {
    for (let next = list[at]; next !== undefined && next.node.time > edge.node.time; next = list[at]) {
      placed.push(next);
      at += 1;
    }
    if (!isListed(list, at, edge)) placed.push(edge);
  }
  return placed.length === at ? list : placed.concat(list.slice(at));
}

/**
 * Merges a page that was loaded again from the start of a NEWEST_FIRST list. The page may come from an older state of
 * a cache than events that a stream has already added. These events stay at the start.
 */
export function keepNewer<Edge extends ListedEdge>(
  shown: readonly Edge[],
  page: readonly Edge[],
): readonly Edge[] {
  const [newest] = page;
  if (newest === undefined) return page;
  const at = shown.findIndex((edge) => isSame(edge, newest));
  return at > 0 ? [...shown.slice(0, at), ...page] : page;
}

/** Whether the list contains the event. The events of its second begin at the index. */
function isListed(list: readonly ListedEdge[], from: number, edge: ListedEdge): boolean {
  for (let at = from; list[at]?.node.time === edge.node.time; at += 1) {
    const other = list[at];
    if (other !== undefined && isSame(other, edge)) return true;
  }
  return false;
}

function isSame(one: ListedEdge, other: ListedEdge): boolean {
  return (one.node.id ?? one.cursor) === (other.node.id ?? other.cursor);
}

/** All times of the gateway have the same format, in UTC, so their texts have the order of the times. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
