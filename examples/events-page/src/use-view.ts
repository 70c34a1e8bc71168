import { useCallback, useEffect, useState } from "react";
import { searchOf, type View, viewOf } from "./view.js";

export type ChangeView = (change: Partial<View>) => void;

/** The view in the URL. Each change is a step of the browser's history. */
export function useView(): [View, ChangeView] {
  const [view, setView] = useState(() => viewOf(location));
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
  }, []);
  return [view, change];
}
