import { type TrainingJobEventLevel, type TrainingJobEventSource } from "modelarts-events-client";
import { useState } from "react";
import { type OverviewState } from "../overview/overview.js";
import { fieldText, rangeText, timeText } from "../times.js";
import { type ChangeView } from "../use-view.js";
import { EVERYTHING, isFiltered, LEVELS, SOURCES, type View } from "../view.js";
import { type Say } from "../words.js";
import { Menu } from "./menu.js";
import { Search } from "./search.js";

type Props = {
  readonly overview: OverviewState;
  readonly view: View;
  readonly change: ChangeView;
  readonly say: Say;
};

export function Toolbar({ overview: { counts, isLoading }, view, change, say }: Props) {
  const toggle = <Value extends string>(chosen: readonly Value[], value: Value): Value[] =>
    chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
  const chip = (
    value: TrainingJobEventLevel | TrainingJobEventSource,
    isOn: boolean,
    onClick: () => void,
  ) => (
    <button key={value} className={`chip ${value}`} aria-pressed={isOn} onClick={onClick}>
      {value}
      {(isLoading || counts !== null) && (
        <span className="number">{counts?.[value]?.toLocaleString() ?? "…"}</span>
      )}
    </button>
  );
  return (
    <div className="toolbar">
      <Search view={view} change={change} say={say} />
      <div className="chips" role="group" aria-label={say("levels")}>
        {LEVELS.map((level) =>
          chip(level, view.levels.includes(level), () => {
            change({ levels: toggle(view.levels, level) });
          }),
        )}
        <span className="rule" />
        {SOURCES.map((source) =>
          chip(source, view.sources.includes(source), () => {
            change({ sources: toggle(view.sources, source) });
          }),
        )}
      </div>
      <div className="times">
        <select
          aria-label={say("range")}
          value={String(view.lastMinutes ?? "")}
          onChange={({ target }) => {
            const lastMinutes = Number(target.value) || null;
            change({ lastMinutes, start: null, end: null, event: null, at: null });
          }}
        >
          <option value="">{say("all")}</option>
          <option value="15">{say("minutes", 15)}</option>
          <option value="60">{say("hours", 1)}</option>
          <option value="1440">{say("hours", 24)}</option>
        </select>
        <Menu label={say("jump")}>
          {(close) => (
            <JumpToTime
              view={view}
              say={say}
              onTime={(at) => {
                change({ at, event: null });
                close();
              }}
            />
          )}
        </Menu>
        {(view.start !== null || view.end !== null) && (
          <button
            className="chip range"
            title={say("clearRange")}
            onClick={() => {
              change({ start: null, end: null });
            }}
          >
            {rangeOf(view)} <span aria-hidden="true">✕</span>
          </button>
        )}
        {isFiltered(view) && (
          <button
            className="plain"
            onClick={() => {
              change(EVERYTHING);
            }}
          >
            {say("clear")}
          </button>
        )}
      </div>
    </div>
  );
}

function rangeOf(view: View): string {
  const { start, end } = view;
  if (start !== null && end !== null) return rangeText(Date.parse(start), Date.parse(end), view);
  return start !== null ? `${timeText(start, view)} –` : `– ${timeText(end ?? "", view)}`;
}

type JumpProps = Pick<Props, "view" | "say"> & { readonly onTime: (at: string) => void };

function JumpToTime({ view, say, onTime }: JumpProps) {
  const [value, setValue] = useState(() => fieldText(view.at ?? new Date().toISOString(), view));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const at = new Date(view.isUtc ? `${value}Z` : value);
        if (!Number.isNaN(at.getTime())) onTime(at.toISOString());
      }}
    >
      <label>
        {say("time")}
        <input
          type="datetime-local"
          step="1"
          required
          value={value}
          onChange={({ target }) => {
            setValue(target.value);
          }}
        />
      </label>
      <button type="submit">{say("go")}</button>
    </form>
  );
}
