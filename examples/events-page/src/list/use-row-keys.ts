import { useEffect, useMemo, useState } from "react";
import { type Edge } from "./event-list.js";

/**
 * ↑ and ↓ move through the rows, `e` goes to the next error.
 * @param onLast is called where no further error is among the loaded events
 * @returns the active row, -1 for none
 */
export function useRowKeys(
  edges: readonly Edge[],
  goTo: (id: string) => void,
  onLast: () => void,
): [number, (id: string | null) => void] {
  // Identified by its ID, because rows move when events are added above them.
  const [activeId, setActiveId] = useState<string | null>(null);
  const active = useMemo(
    () => (activeId === null ? -1 : edges.findIndex(({ node }) => node.id === activeId)),
    [edges, activeId],
  );
  useEffect(() => {
    const move = (event: KeyboardEvent): void => {
      const { target, key } = event;
      const isTyping = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      const next = indexAfter(key, active, edges);
      if (next === null) return;
      event.preventDefault();
      if (next < 0) {
        onLast();
        return;
      }
      const id = edges[next]?.node.id;
      if (id === undefined) return;
      setActiveId(id);
      goTo(id);
    };
    addEventListener("keydown", move);
    return () => {
      removeEventListener("keydown", move);
    };
  });
  return [active, setActiveId];
}

function indexAfter(key: string, active: number, edges: readonly Edge[]): number | null {
  if (edges.length === 0) return null;
  if (key === "ArrowDown") return Math.min(edges.length - 1, active + 1);
  if (key === "ArrowUp") return Math.max(0, active - 1);
  if (key === "e") return edges.findIndex(({ node }, index) => index > active && node.level === "ERROR");
  return null;
}
