import { type EventList } from "../list/event-list.js";
import { type ListState } from "../list/list-state.js";
import { clockText } from "../times.js";
import { type ChangeView } from "../use-view.js";
import { type View } from "../view.js";
import { type Say } from "../words.js";
import { DownloadMenu } from "./download-menu.js";

type Props = {
  readonly list: EventList;
  readonly state: ListState;
  readonly view: View;
  readonly change: ChangeView;
  readonly say: Say;
  readonly isPaused: boolean;
  readonly setPaused: (isPaused: boolean) => void;
};

export function Header({ list, state, view, change, say, isPaused, setPaused }: Props) {
  return (
    <header>
      <div className="title">
        <p>{say("title")}</p>
        <h1>{view.job}</h1>
      </div>
      <Status say={say} state={state} isPaused={isPaused} view={view} />
      <div className="actions">
        <button
          aria-pressed={isPaused}
          onClick={() => {
            setPaused(!isPaused);
          }}
        >
          {isPaused ? say("resume") : say("pause")}
        </button>
        <DownloadMenu list={list} say={say} />
        <button
          aria-pressed={view.isUtc}
          title={say("zoneHelp")}
          onClick={() => {
            change({ isUtc: !view.isUtc });
          }}
        >
          UTC
        </button>
        <select
          aria-label={say("language")}
          value={view.language}
          onChange={({ target }) => {
            change({ language: target.value === "zh-cn" ? "zh-cn" : "en-us" });
          }}
        >
          <option value="en-us">English</option>
          <option value="zh-cn">中文</option>
        </select>
      </div>
    </header>
  );
}

type StatusProps = Pick<Props, "say" | "state" | "isPaused" | "view">;

function Status({ say, state, isPaused, view }: StatusProps) {
  const [kind, text] = statusOf(state, isPaused, view, say);
  const isKnown = state.edges.length > 0 || (state.loading !== "first" && state.failure === null);
  return (
    <p className="status" role="status">
      {isKnown && <span className="total">{say("count", state.total)}</span>}
      {kind !== null && <span className={`live ${kind}`}>{text}</span>}
    </p>
  );
}

function statusOf(
  { live, failure, staleAsOf }: ListState,
  isPaused: boolean,
  view: View,
  say: Say,
): [kind: string | null, text: string] {
  const isLive = live?.state === "following";
  // A stream knows more than the last page.
  const asOf = isLive ? (live.isStale ? live.asOf : null) : staleAsOf;
  if (asOf !== null && (live === null || isLive)) return ["stale", say("stale", clockText(asOf, view))];
  if (live === null) return failure === null ? [null, ""] : ["off", say("off")];
  if (live.state === "waiting") return ["waiting", say("waiting", Math.ceil(live.retryInMs / 1000))];
  return isPaused ? ["paused", say("paused")] : [live.state, say(live.state)];
}
