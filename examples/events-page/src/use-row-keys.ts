import { useEffect, useState } from "react";
import { type Edge } from "./event-list.js";

/** ↑ and ↓ move through the rows, `e` goes to the next error. @returns the active row, -1 for none */
export function useRowKeys(
  edges: readonly Edge[],
  goTo: (index: number) => void,
  onNoError: () => void,
): [number, (index: number) => void] {
  const [active, setActive] = useState(-1);
  useEffect(() => {
    const move = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      const next = indexAfter(event.key, active, edges);
      if (next === null) return;
      event.preventDefault();
      if (next < 0) {
        onNoError();
        return;
      }
      setActive(next);
      goTo(next);
    };
    addEventListener("keydown", move);
    return () => {
      removeEventListener("keydown", move);
    };
  });
  return [active, setActive];
}

function indexAfter(key: string, active: number, edges: readonly Edge[]): number | null {
  if (key === "ArrowDown") return Math.min(edges.length - 1, active + 1);
  if (key === "ArrowUp") return Math.max(0, active - 1);
  if (key === "e") return edges.findIndex(({ node }, index) => index > active && node.level === "ERROR");
  return null;
}
