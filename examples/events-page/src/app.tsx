import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { EventList } from "./event-list.js";
import { EventRows } from "./event-rows.js";
import { Failure } from "./failure.js";
import { connect } from "./gateway.js";
import { Histogram } from "./histogram.js";
import { Toolbar } from "./toolbar.js";
import { useView } from "./use-view.js";
import { wordsOf } from "./words.js";

export function App() {
  const [view, change] = useView();
  const say = wordsOf(view.language);
  const [round, setRound] = useState(0);
  const [isPaused, setPaused] = useState(false);
  const [isAtTop, setAtTop] = useState(true);
  const gateway = useMemo(() => connect(view.language), [view.language, round]);
  useEffect(
    () => () => {
      gateway.close();
    },
    [gateway],
  );
  // What only changes how events look does not load them again.
  const { isUtc, ...loaded } = view;
  const key = JSON.stringify(loaded);
  const list = useMemo(() => new EventList(gateway, view), [gateway, key]);
  useEffect(
    () => () => {
      list.close();
    },
    [list],
  );
  const state = useSyncExternalStore(list.subscribe, list.snapshot);
  useEffect(() => {
    list.hold(isPaused || !isAtTop);
  }, [list, isPaused, isAtTop]);
  useEffect(() => {
    document.documentElement.lang = view.language === "zh-cn" ? "zh-CN" : "en";
    document.title = `${say("title")} ${view.job}`;
  }, [view.language, view.job, say]);
  const again = (): void => {
    setRound(round + 1);
  };
  return (
    <div className="page">
      <header>
        <h1>
          {say("title")} <span className="job">{view.job}</span>
        </h1>
        <Status say={say} state={state} isPaused={isPaused} />
      </header>
      <Toolbar
        list={list}
        view={view}
        change={change}
        say={say}
        isPaused={isPaused}
        setPaused={setPaused}
        isUtc={isUtc}
      />
      <Histogram edges={state.edges} view={view} change={change} label={say("histogram")} />
      {state.hasGap && <p className="notice">{say("gap")}</p>}
      {state.failure !== null && <Failure advice={state.failure} say={say} again={again} />}
      {view.end !== null && (
        <button
          className="newer"
          onClick={() => {
            change({ end: null, event: null });
          }}
        >
          {say("newer")}
        </button>
      )}
      <EventRows
        list={list}
        state={state}
        view={view}
        say={say}
        onTop={setAtTop}
        isHeld={isPaused || !isAtTop}
      />
      <footer>{say("keys")}</footer>
    </div>
  );
}

type StatusProps = {
  readonly say: ReturnType<typeof wordsOf>;
  readonly state: ReturnType<EventList["snapshot"]>;
  readonly isPaused: boolean;
};

function Status({ say, state, isPaused }: StatusProps) {
  const { live, total } = state;
  const kind = isPaused ? "paused" : (live?.state ?? null);
  const seconds = live?.state === "waiting" ? Math.ceil(live.retryInMs / 1000) : 0;
  return (
    <p className="status" role="status">
      <span className="total">{say("count", total)}</span>
      {kind !== null && <span className={`live ${kind}`}>{say(kind, seconds)}</span>}
    </p>
  );
}
