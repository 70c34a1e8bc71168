import { type RecordProxy, type RecordSourceSelectorProxy } from "relay-runtime";

/**
 * For the `updater` of a subscription: puts the events of a batch in front of a connection that is newest first, each
 * once. The records of a batch are overwritten by the next one, so they are copied.
 * @param connection `ConnectionHandler.getConnection(job, key, filters)`
 * @param field the name of the subscription's field
 */
export function addFollowedEvents(
  store: RecordSourceSelectorProxy,
  connection: RecordProxy,
  field = "trainingJobEvents",
): void {
  const added = edgesOf(store.getRootField(field));
  const known = edgesOf(connection);
  const cursors = new Set(known.map(cursorOf));
  const edges = [...known];
  for (const edge of added) {
    const cursor = cursorOf(edge);
    if (typeof cursor !== "string" || cursors.has(cursor)) continue;
    edges.unshift(copyOf(store, `${connection.getDataID()}:followed:${cursor}`, edge));
  }
  connection.setLinkedRecords(edges, "edges");
  const [newestEdge] = edges;
  const newest = newestEdge === undefined ? null : cursorOf(newestEdge);
  if (typeof newest === "string") linked(connection, "pageInfo")?.setValue(newest, "startCursor");
}

// Relay's types say that a linked record is always there.
function linked(record: RecordProxy, name: string): RecordProxy | null | undefined {
  return record.getLinkedRecord(name);
}

function cursorOf(edge: RecordProxy): unknown {
  const cursor: unknown = edge.getValue("cursor");
  return cursor;
}

function edgesOf(record: RecordProxy | null | undefined): readonly RecordProxy[] {
  const edges: readonly RecordProxy[] | null | undefined = record?.getLinkedRecords("edges");
  return edges ?? [];
}

function copyOf(store: RecordSourceSelectorProxy, id: string, edge: RecordProxy): RecordProxy {
  const copy = store.get(id) ?? store.create(id, edge.getType());
  copy.copyFieldsFrom(edge);
  const node = linked(edge, "node");
  if (node) {
    const nodeId = `${id}:node`;
    const nodeCopy = store.get(nodeId) ?? store.create(nodeId, node.getType());
    nodeCopy.copyFieldsFrom(node);
    copy.setLinkedRecord(nodeCopy, "node");
  }
  return copy;
}
