import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { Failure, SignIn } from "./bars/failure.js";
import { Header } from "./bars/header.js";
import { Toolbar } from "./bars/toolbar.js";
import { connect } from "./gateway.js";
import { EventList } from "./list/event-list.js";
import { EventRows } from "./list/event-rows.js";
import { type ListState } from "./list/list-state.js";
import { Histogram } from "./overview/histogram.js";
import { Overview } from "./overview/overview.js";
import { tokens } from "./token.js";
import { useView } from "./use-view.js";
import { searchOf } from "./view.js";
import { type Say, wordsOf } from "./words.js";

/** A value that ends with the component, or when the next one takes its place. */
function useClosed<Value extends { close(): void }>(value: Value): Value {
  useEffect(
    () => () => {
      value.close();
    },
    [value],
  );
  return value;
}

export function App() {
  const [view, change, jumps] = useView();
  const { language } = view;
  const say = useMemo(() => wordsOf(language), [language]);
  const [isPaused, setPaused] = useState(false);
  const [isAtTop, setAtTop] = useState(true);
  const gateway = useClosed(useMemo(() => connect(language), [language]));
  const key = searchOf({ ...view, isUtc: false });
  // A change that only affects the display does not load the events again.
  const list = useClosed(useMemo(() => new EventList(gateway, view), [gateway, key]));
  // The place in the list does not change the counts.
  const filterKey = searchOf({ ...view, isUtc: false, event: null, at: null });
  const overview = useClosed(useMemo(() => new Overview(gateway, view, list.opened), [gateway, filterKey]));
  useEffect(() => list.subscribeToNew(overview.add), [list, overview]);
  const state = useSyncExternalStore(list.subscribe, list.snapshot);
  const numbers = useSyncExternalStore(overview.subscribe, overview.snapshot);
  const isTokenWanted = useSyncExternalStore(tokens.subscribe, tokens.isWanted);
  useEffect(() => {
    setAtTop(true);
  }, [list]);
  const isHeld = isPaused || !isAtTop;
  useEffect(() => {
    list.hold(isHeld);
  }, [list, isHeld]);
  useEffect(() => {
    document.documentElement.lang = language === "zh-cn" ? "zh-CN" : "en";
    document.title = `${view.job} · ${say("title")}`;
  }, [language, view.job, say]);
  const toNewest = (): void => {
    if (view.event === null && view.at === null) list.restart();
    else change({ event: null, at: null });
  };
  return (
    <div className="page">
      <Header
        list={list}
        state={state}
        view={view}
        change={change}
        say={say}
        isPaused={isPaused}
        setPaused={setPaused}
      />
      <Toolbar overview={numbers} view={view} change={change} say={say} />
      <Histogram bars={numbers.bars} isLoading={numbers.isLoading} view={view} change={change} say={say} />
      <Notices state={state} say={say} reload={toNewest} />
      {isTokenWanted && state.failure === null && <SignIn say={say} />}
      {state.failure !== null && (
        <Failure
          advice={state.failure}
          say={say}
          isAlone={state.edges.length === 0}
          again={list.retry}
          toNewest={toNewest}
        />
      )}
      <EventRows
        key={`${key} ${jumps}`}
        list={list}
        state={state}
        view={view}
        change={change}
        say={say}
        onTop={setAtTop}
        isHeld={isHeld}
      />
      <footer>{say("keys")}</footer>
    </div>
  );
}

type NoticesProps = { readonly state: ListState; readonly say: Say; readonly reload: () => void };

/** Notices about events that the list does not show. */
function Notices({ state: { hasGap, missed }, say, reload }: NoticesProps) {
  if (!hasGap && missed === 0) return null;
  return (
    <p className="notice" role="status">
      {missed > 0 ? say("missed", missed) : say("gap")} <button onClick={reload}>{say("reload")}</button>
    </p>
  );
}
