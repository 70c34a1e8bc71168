import { memo, type ReactNode } from "react";
import { type Edge } from "./event-list.js";
import { nameOf } from "./event-name.js";
import { searchOf, type View } from "./view.js";
import { type Say } from "./words.js";

type Props = {
  readonly edge: Edge;
  readonly index: number;
  readonly count: number;
  readonly start: number;
  readonly measure: (element: HTMLElement | null) => void;
  readonly isActive: boolean;
  readonly view: View;
  readonly say: Say;
  readonly onSelect: (index: number) => void;
};

export const EventRow = memo(function EventRow(props: Props) {
  const { edge, index, count, start, measure, isActive, view, say, onSelect } = props;
  const { time, level, levelText, source, sourceText, message } = edge.node;
  // The whole log around the event: without the filter, ending at the event's own second.
  const context = { levels: [], sources: [], text: "", start: null, lastMinutes: null };
  const link = searchOf({ ...view, ...context, end: time, event: nameOf(edge) });
  return (
    <li
      ref={measure}
      data-index={index}
      className={`row ${level ?? "UNKNOWN"}`}
      aria-setsize={count}
      aria-posinset={index + 1}
      aria-current={isActive ? "true" : undefined}
      style={{ transform: `translateY(${start}px)` }}
      onClick={() => {
        onSelect(index);
      }}
    >
      <a href={link} title={`${time} · ${say("copy")}`}>
        <time dateTime={time}>{timeText(time, view)}</time>
      </a>
      <span className="level">{level ?? (levelText || "–")}</span>
      <span className="source">{source ?? (sourceText || "–")}</span>
      <span className="message">{marked(message, view.text)}</span>
    </li>
  );
});

function timeText(time: string, { isUtc, language }: View): string {
  return new Date(time).toLocaleString(language === "zh-cn" ? "zh-CN" : "sv-SE", {
    dateStyle: "short",
    timeStyle: "medium",
    hour12: false,
    ...(isUtc && { timeZone: "UTC" }),
  });
}

/** The message with each match of the search marked; ModelArts matches with the case. */
function marked(message: string, text: string): ReactNode {
  if (text === "") return message;
  return message
    .split(text)
    .flatMap((part, at) => (at === 0 ? [part] : [<mark key={at}>{text}</mark>, part]));
}
