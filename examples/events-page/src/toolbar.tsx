import { type TrainingJobEventLevel, type TrainingJobEventSource } from "modelarts-events-client";
import { useEffect, useRef, useState } from "react";
import { DownloadMenu } from "./download-menu.js";
import { type EventList } from "./event-list.js";
import { useCounts } from "./use-counts.js";
import { type ChangeView } from "./use-view.js";
import { LEVELS, SOURCES, type View } from "./view.js";
import { type Say } from "./words.js";

type Props = {
  readonly list: EventList;
  readonly view: View;
  readonly change: ChangeView;
  readonly say: Say;
  readonly isPaused: boolean;
  readonly setPaused: (isPaused: boolean) => void;
  readonly isUtc: boolean;
};

export function Toolbar({ list, view, change, say, isPaused, setPaused, isUtc }: Props) {
  const counts = useCounts(list);
  const toggle = <Value extends string>(chosen: readonly Value[], value: Value): Value[] =>
    chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
  const chip = (
    value: TrainingJobEventLevel | TrainingJobEventSource,
    isOn: boolean,
    onClick: () => void,
  ) => (
    <button key={value} className={`chip ${value}`} aria-pressed={isOn} onClick={onClick}>
      {value} <span className="number">{counts?.[value]?.toLocaleString() ?? "…"}</span>
    </button>
  );
  return (
    <div className="toolbar">
      <Search view={view} change={change} say={say} />
      <div className="chips">
        {LEVELS.map((level) =>
          chip(level, view.levels.includes(level), () => {
            change({ levels: toggle(view.levels, level) });
          }),
        )}
        {SOURCES.map((source) =>
          chip(source, view.sources.includes(source), () => {
            change({ sources: toggle(view.sources, source) });
          }),
        )}
      </div>
      <div className="times">
        <select
          aria-label={say("all")}
          value={String(view.lastMinutes ?? "")}
          onChange={({ target }) => {
            change({ lastMinutes: Number(target.value) || null, start: null, end: null });
          }}
        >
          <option value="">{say("all")}</option>
          <option value="15">{say("minutes", 15)}</option>
          <option value="60">{say("hours", 1)}</option>
          <option value="1440">{say("hours", 24)}</option>
        </select>
        <label>
          {say("jump")}{" "}
          <input
            type="datetime-local"
            step="1"
            onChange={({ target }) => {
              const at = new Date(isUtc ? `${target.value}Z` : target.value);
              if (!Number.isNaN(at.getTime()))
                change({ end: at.toISOString(), lastMinutes: null, event: null });
            }}
          />
        </label>
        <button
          onClick={() => {
            change({
              levels: [],
              sources: [],
              text: "",
              start: null,
              end: null,
              lastMinutes: null,
              event: null,
            });
          }}
        >
          {say("clear")}
        </button>
      </div>
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
          aria-pressed={isUtc}
          onClick={() => {
            change({ isUtc: !isUtc });
          }}
        >
          {say("zone")}
        </button>
        <select
          aria-label="Language"
          value={view.language}
          onChange={({ target }) => {
            change({ language: target.value === "zh-cn" ? "zh-cn" : "en-us" });
          }}
        >
          <option value="en-us">English</option>
          <option value="zh-cn">中文</option>
        </select>
      </div>
    </div>
  );
}

/** ModelArts searches with the case of the text; it is asked once the typing has paused. */
function Search({ view, change, say }: Pick<Props, "view" | "change" | "say">) {
  const [text, setText] = useState(view.text);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    setText(view.text);
  }, [view.text]);
  useEffect(() => {
    if (text === view.text) return;
    const timer = setTimeout(() => {
      change({ text });
    }, 400);
    return () => {
      clearTimeout(timer);
    };
  }, [text, view.text, change]);
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener("keydown", focus);
    return () => {
      removeEventListener("keydown", focus);
    };
  }, []);
  return (
    <input
      ref={field}
      type="search"
      className="search"
      maxLength={256}
      placeholder={say("search")}
      aria-label={say("search")}
      value={text}
      onChange={({ target }) => {
        setText(target.value);
      }}
    />
  );
}
