import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { type EventList, type ListState } from "./event-list.js";
import { nameOf } from "./event-name.js";
import { EventRow } from "./event-row.js";
import { useRowKeys } from "./use-row-keys.js";
import { type View } from "./view.js";
import { type Say } from "./words.js";

type Props = {
  readonly list: EventList;
  readonly state: ListState;
  readonly view: View;
  readonly say: Say;
  readonly isHeld: boolean;
  readonly onTop: (isAtTop: boolean) => void;
};

/** Rows this close to the end of what is loaded make the next page load. */
const AHEAD = 40;

export function EventRows({ list, state, view, say, isHeld, onTop }: Props) {
  const { edges, pending, hasOlder, isLoading } = state;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: edges.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 34,
    overscan: 12,
    getItemKey: (index) => edges[index]?.cursor ?? index,
  });
  const shown = rows.getVirtualItems();
  const lastShown = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasOlder && !isLoading && state.failure === null && lastShown >= edges.length - AHEAD)
      void list.loadOlder();
  }, [list, lastShown, edges.length, hasOlder, isLoading, state.failure]);
  const goTo = (index: number): void => {
    rows.scrollToIndex(index, { align: "auto" });
  };
  const [notice, setNotice] = useState("");
  const [active, setActive] = useRowKeys(edges, goTo, () => {
    setNotice(say("nextError"));
  });
  const linked = view.event === null ? -1 : edges.findIndex((edge) => nameOf(edge) === view.event);
  useEffect(() => {
    if (linked < 0) return;
    setActive(linked);
    rows.scrollToIndex(linked, { align: "center" });
    // Once for each link: later pages must not scroll the reader back.
  }, [list, linked >= 0]);
  const toTop = (): void => {
    list.showPending();
    rows.scrollToOffset(0);
    onTop(true);
  };
  return (
    <main className="list">
      {isHeld && pending.length > 0 && (
        <button className="pill" onClick={toTop}>
          ↑ {say("fresh", pending.length)}
        </button>
      )}
      <div
        ref={scroller}
        className="rows"
        tabIndex={0}
        role="region"
        aria-label={say("title")}
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
                count={state.total}
                start={start}
                measure={rows.measureElement}
                isActive={index === active}
                view={view}
                say={say}
                onSelect={setActive}
              />
            );
          })}
        </ol>
        <p className="foot">{footOf(state, say)}</p>
      </div>
      <p className="hidden" role="status">
        {notice}
      </p>
    </main>
  );
}

function footOf({ edges, hasOlder, isLoading, failure }: ListState, say: Say): string {
  if (isLoading) return say("loading");
  if (failure !== null || hasOlder) return "";
  return edges.length === 0 ? say("empty") : say("end");
}
