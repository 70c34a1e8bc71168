import {
  ConnectionHandler,
  DefaultHandlerProvider,
  type HandleFieldPayload,
  type RecordSourceProxy,
} from "relay-runtime";
import { keepNewer } from "../lists/place-events.js";
import { linked, placedOf } from "./add-followed-events.js";

type Handler = { readonly update: (store: RecordSourceProxy, payload: HandleFieldPayload) => void };

/**
 * For `handlerProvider` of `Environment`: Relay's own handlers, except that a first page which is loaded again can come
 * from an older state than the events that `addFollowedEvents` has added. These events stay at the start of the list.
 */
export function eventsHandlerProvider(handle: string): Handler {
  return handle === "connection" ? { update } : DefaultHandlerProvider(handle);
}

function update(store: RecordSourceProxy, payload: HandleFieldPayload): void {
  const connection = () => store.get(payload.dataID)?.getLinkedRecord(payload.handleKey);
  const shown = placedOf(connection(), "edges", false);
  ConnectionHandler.update(store, payload);
  const loaded = connection();
  if (loaded?.getType() !== "TrainingJobEventConnection" || !isReload(payload.args)) return;
  const page = placedOf(loaded, "edges", false);
  const edges = keepNewer(shown, page);
  if (edges === page) return;
  loaded.setLinkedRecords(
    edges.map(({ record }) => record),
    "edges",
  );
  linked(loaded, "pageInfo")?.setValue(edges[0]?.cursor, "startCursor");
}

/** Whether the page is the first one of a list in the order NEWEST_FIRST. */
function isReload(args: Readonly<Record<string, unknown>>): boolean {
  const isElsewhere = ["after", "before", "last", "aroundTime", "aroundEvent", "page"].some(
    (name) => args[name],
  );
  return !isElsewhere && args["order"] !== "OLDEST_FIRST";
}
