import { adviceFor } from "modelarts-events-client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { type ChangeView } from "../use-view.js";
import { type View } from "../view.js";
import { type Say } from "../words.js";
import { MAX_PENDING } from "./add-events.js";
import { type Edge, type EventList } from "./event-list.js";
import { EventRow } from "./event-row.js";
import { ListFoot } from "./list-foot.js";
import { type ListState } from "./list-state.js";
import { useRowKeys } from "./use-row-keys.js";
import { useRowScroll } from "./use-row-scroll.js";

type Props = {
  readonly list: EventList;
  readonly state: ListState;
  readonly view: View;
  readonly change: ChangeView;
  readonly say: Say;
  readonly isHeld: boolean;
  readonly onTop: (isAtTop: boolean) => void;
};

/** The height of a row with one line, in pixels. */
const ROW_HEIGHT = 33;
/** Rows this close to an end of what is loaded make the next page load. */
const AHEAD = 40;
const AHEAD_NEWER = 10;

export function EventRows({ list, state, view, change, say, isHeld, onTop }: Props) {
  const { edges, pending, pendingCount, hasOlder, hasNewer, loading, failure } = state;
  const scroller = useRef<HTMLDivElement>(null);
  const before = useRef({ edges, hasNewer });
  const isAppended = edges[before.current.edges.length - 1] === before.current.edges.at(-1);
  // The last newer page is also put above the rows on the screen.
  const isBelowNewer = hasNewer || before.current.hasNewer;
  useEffect(() => {
    before.current = { edges, hasNewer };
  }, [edges, hasNewer]);
  // The same function for the same events: with another one, the virtualizer measures all rows again.
  const getItemKey = useCallback((index: number) => edges[index]?.node.id ?? index, [edges]);
  const rows = useVirtualizer({
    count: edges.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    getItemKey,
    // Rows that are put above those on the screen do not move these, but for new ones on top. To look for the place
    // takes time in a long list, so it is left out where rows are only appended.
    anchorTo: !isAppended && (isHeld || isBelowNewer) ? "end" : "start",
  });
  const scroll = useRowScroll(rows, edges);
  const shown = rows.getVirtualItems();
  const firstShown = rows.range?.startIndex ?? 0;
  const lastShown = rows.range?.endIndex ?? 0;
  const isIdle = loading === null && failure === null;
  useEffect(() => {
    if (isIdle && hasOlder && lastShown >= edges.length - AHEAD) void list.loadOlder();
  }, [list, lastShown, edges.length, hasOlder, isIdle]);
  const [notice, setNotice] = useState("");
  const [active, setActive] = useRowKeys(
    edges,
    (id) => {
      scroll.to(id, "auto");
    },
    () => {
      list.errorBehind().then(
        (event) => {
          if (event === null) setNotice(say("lastError"));
          else change({ event, at: null });
        },
        (error: unknown) => {
          setNotice(say.error(adviceFor(error).error) ?? say("report"));
        },
      );
    },
  );
  const isPlaced = useRef(view.event === null && view.at === null);
  useLayoutEffect(() => {
    const id = isPlaced.current ? undefined : edges[placeIn(edges, view)]?.node.id;
    if (id === undefined) return;
    isPlaced.current = true;
    setActive(id);
    scroll.to(id, "center");
  }, [edges, view, scroll, setActive]);
  // While the list scrolls to its place, the reader does not need the rows that it passes.
  useEffect(() => {
    const isReady = isIdle && isPlaced.current && !scroll.isMoving;
    if (isReady && hasNewer && firstShown < AHEAD_NEWER) void list.loadNewer();
  });
  const toTop = (): void => {
    list.showPending();
    scroll.cancel();
    rows.scrollToOffset(0);
    onTop(true);
  };
  const fresh = pendingCount > pending.length ? `${MAX_PENDING.toLocaleString()}+` : pendingCount;
  return (
    <main className="list">
      {isHeld && pendingCount > 0 && (
        <button className="pill" onClick={toTop}>
          ↑ {say("fresh", fresh)}
        </button>
      )}
      {hasNewer && (
        <button
          className="pill"
          onClick={() => {
            change({ event: null, at: null });
          }}
        >
          ↑ {say("newer")}
        </button>
      )}
      <div
        ref={scroller}
        className="rows"
        tabIndex={0}
        role="region"
        aria-label={say("list")}
        aria-busy={loading !== null}
        onWheel={scroll.cancel}
        onTouchMove={scroll.cancel}
        onPointerDown={scroll.cancel}
        onKeyDown={scroll.cancel}
        onScroll={({ currentTarget }) => {
          onTop(currentTarget.scrollTop < 4);
        }}
      >
        <ol className="canvas" style={{ height: rows.getTotalSize() }}>
          {shown.map(({ index, key, start }) => {
            const edge = edges[index];
            return edge === undefined ? null : (
              <EventRow
                key={key}
                edge={edge}
                index={index}
                count={hasNewer ? -1 : state.total}
                start={start}
                measure={rows.measureElement}
                isActive={index === active}
                view={view}
                change={change}
                say={say}
                onSelect={setActive}
              />
            );
          })}
        </ol>
        <ListFoot state={state} view={view} change={change} say={say} />
      </div>
      <p className="toast" role="status">
        {notice}
      </p>
    </main>
  );
}

/** The row at which the view opens; -1 where it opens at the top. */
function placeIn(edges: readonly Edge[], { event, at }: View): number {
  if (event !== null) {
    const found = edges.findIndex(({ node }) => node.id === event);
    // An event that the filter excludes: the page lies around its time.
    return found < 0 && edges.length > 0 ? Math.floor(edges.length / 2) : found;
  }
  if (at === null) return -1;
  const found = edges.findIndex(({ node }) => Date.parse(node.time) <= Date.parse(at));
  return found < 0 ? edges.length - 1 : found;
}
