/** An edge, as far as its place in a list depends on it. Without `id`, the cursor names the event. */
export type ListedEdge = {
  readonly cursor: string;
  readonly node: { readonly id?: string; readonly time: string };
};

/**
 * Puts events into a list that is newest first: each once, and where its time puts it. `edges` and `lateEdges` of a
 * batch can both be given, in any order.
 * @param added oldest first, as batches are
 * @returns the same list where nothing was added
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
 * A page from the start of a newest-first list that was loaded again. It may come from an older state of a cache than
 * events that a stream has shown already: these stay in front.
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

/** Whether the event is among those of its second, which begin at an index. */
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

/** Times of the gateway are all of one form, in UTC, so their texts have the order of the times. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
