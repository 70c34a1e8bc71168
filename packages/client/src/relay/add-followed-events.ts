import { type ListedEdge, placeEvents } from "../lists/place-events.js";
import { type RecordProxy, type RecordSourceSelectorProxy } from "relay-runtime";

/** An edge of the connection or of the batch. */
type Placed = ListedEdge & { readonly record: RecordProxy; readonly isNew: boolean };

/**
 * For the `updater` of a subscription: adds the events of a batch to a connection in the order NEWEST_FIRST, each event
 * once. New events come first, and events of `lateEdges` get the place of their `time`. The next batch overwrites the
 * records of this one, so they are copied. Select `cursor`, `node { time }` and `id`; `id` identifies events after a
 * reload.
 * @param connection `ConnectionHandler.getConnection(job, key, filters)`
 * @param field the name of the subscription's field
 */
export function addFollowedEvents(
  store: RecordSourceSelectorProxy,
  connection: RecordProxy,
  field = "trainingJobEvents",
): void {
  const batch = store.getRootField(field);
  const added = [...placedOf(batch, "edges", true), ...placedOf(batch, "lateEdges", true)];
  const edges = placeEvents(placedOf(connection, "edges", false), added);
  const copied = edges.map(({ record, cursor, isNew }) =>
    isNew ? copyOf(store, `${connection.getDataID()}:followed:${cursor}`, record) : record,
  );
  connection.setLinkedRecords(copied, "edges");
  const [newest] = edges;
  if (newest !== undefined) linked(connection, "pageInfo")?.setValue(newest.cursor, "startCursor");
}

// According to Relay's types, a linked record always exists.
export function linked(record: RecordProxy, name: string): RecordProxy | null | undefined {
  return record.getLinkedRecord(name);
}

export function placedOf(record: RecordProxy | null | undefined, name: string, isNew: boolean): Placed[] {
  const edges: readonly RecordProxy[] | null | undefined = record?.getLinkedRecords(name);
  return (edges ?? []).flatMap((edge) => {
    const node = linked(edge, "node");
    const cursor = text(edge, "cursor");
    if (cursor === null) return [];
    const id = node ? text(node, "id") : null;
    const time = (node ? text(node, "time") : null) ?? "";
    return [{ cursor, node: { time, ...(id !== null && { id }) }, record: edge, isNew }];
  });
}

function text(record: RecordProxy, name: string): string | null {
  const value: unknown = record.getValue(name);
  return typeof value === "string" ? value : null;
}

function copyOf(store: RecordSourceSelectorProxy, id: string, edge: RecordProxy): RecordProxy {
  const copy = store.get(id) ?? store.create(id, edge.getType());
  copy.copyFieldsFrom(edge);
  const node = linked(edge, "node");
  // A node with an `id` has its own record, which batches do not overwrite.
  if (node && text(node, "id") === null) {
    const nodeId = `${id}:node`;
    const nodeCopy = store.get(nodeId) ?? store.create(nodeId, node.getType());
    nodeCopy.copyFieldsFrom(node);
    copy.setLinkedRecord(nodeCopy, "node");
  }
  return copy;
}
