import { useCallback, useEffect, useState } from "react";
import { searchOf, type View, viewOf } from "./view.js";

export type ChangeView = (change: Partial<View>) => void;

/**
 * The view in the URL. Each change is a step of the browser's history.
 * @returns the view, its setter, and the number of jumps to a place so far: a jump can have the same place as the last one
 */
export function useView(): [View, ChangeView, number] {
  const [view, setView] = useState(() => viewOf(location));
  const [jumps, setJumps] = useState(0);
  useEffect(() => {
    const read = (): void => {
      setView(viewOf(location));
    };
    addEventListener("popstate", read);
    return () => {
      removeEventListener("popstate", read);
    };
  }, []);
  const change = useCallback((changed: Partial<View>) => {
    const next = { ...viewOf(location), ...changed };
    history.pushState(null, "", `${location.pathname}${searchOf(next)}`);
    setView(next);
    if (typeof (changed.at ?? changed.event) === "string") setJumps((count) => count + 1);
  }, []);
  return [view, change, jumps];
}
