import { memo, type ReactNode } from "react";
import { timeText } from "../times.js";
import { type ChangeView } from "../use-view.js";
import { EVERYTHING, searchOf, type View } from "../view.js";
import { type Say } from "../words.js";
import { type Edge } from "./event-list.js";

type Props = {
  readonly edge: Edge;
  readonly index: number;
  /** The number of rows; -1 if it is not known. */
  readonly count: number;
  readonly start: number;
  readonly measure: (element: HTMLElement | null) => void;
  readonly isActive: boolean;
  readonly view: View;
  readonly change: ChangeView;
  readonly say: Say;
  readonly onSelect: (id: string) => void;
};

export const EventRow = memo(function EventRow(props: Props) {
  const { edge, index, count, start, measure, isActive, view, change, say, onSelect } = props;
  const { id, time, level, levelText, source, sourceText, message } = edge.node;
  // The whole log around the event, without the filter.
  const place = { ...EVERYTHING, event: id };
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
        onSelect(id);
      }}
    >
      <a
        href={searchOf({ ...view, ...place })}
        title={`${utcText(time)} · ${say("link")}`}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
          event.preventDefault();
          change(place);
        }}
      >
        <time dateTime={time}>{timeText(time, view)}</time>
      </a>
      <span className="level">{level ?? (levelText || "–")}</span>
      <span className="source">{source ?? (sourceText || "–")}</span>
      <span className="message">{marked(message, view.text)}</span>
    </li>
  );
});

const utcText = (time: string): string => `${timeText(time, { isUtc: true, language: "en-us" })} UTC`;

/** The message with each match of the search marked. ModelArts distinguishes upper and lower case. */
function marked(message: string, text: string): ReactNode {
  if (text === "") return message;
  return message
    .split(text)
    .flatMap((part, at) => (at === 0 ? [part] : [<mark key={at}>{text}</mark>, part]));
}
