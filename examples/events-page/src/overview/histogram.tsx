import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { dayText, minuteText, clockText, rangeText } from "../times.js";
import { type ChangeView } from "../use-view.js";
import { type View } from "../view.js";
import { type Say } from "../words.js";
import { type Bars, endOf } from "./bars.js";
import { createChart, type Chart } from "./chart.js";

type Props = {
  readonly bars: Bars | null;
  readonly isLoading: boolean;
  readonly view: View;
  readonly change: ChangeView;
  readonly say: Say;
};

const dark = matchMedia("(prefers-color-scheme: dark)");
const onScheme = (listener: () => void): (() => void) => {
  dark.addEventListener("change", listener);
  return () => {
    dark.removeEventListener("change", listener);
  };
};

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

/** All events of the filter over time. A drag zooms in, a click jumps to that time. */
export function Histogram({ bars, isLoading, view, change, say }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const latest = useRef(bars);
  latest.current = bars;
  const [pointed, setPointed] = useState<number | null>(null);
  const isDark = useSyncExternalStore(onScheme, () => dark.matches);
  const hasBars = bars !== null;
  const { isUtc, language } = view;
  useEffect(() => {
    if (box.current === null || latest.current === null) return;
    const zone = { isUtc, language };
    chart.current = createChart(box.current, latest.current, {
      tick: (ms, stepMs) =>
        stepMs >= 86_400_000
          ? dayText(ms, zone)
          : stepMs >= 60_000
            ? minuteText(ms, zone)
            : clockText(ms, zone),
      onRange: (startMs, endMs) => {
        const [start, end] = [startMs, endMs].map((ms) => new Date(Math.round(ms)).toISOString());
        change({ start: start ?? null, end: end ?? null, lastMinutes: null, event: null, at: null });
      },
      onTime: (ms) => {
        change({ at: new Date(Math.round(ms)).toISOString(), event: null });
      },
      onPoint: setPointed,
    });
    return () => {
      chart.current?.destroy();
      chart.current = null;
    };
  }, [change, hasBars, isUtc, language, isDark]);
  useEffect(() => {
    if (bars !== null) chart.current?.show(bars);
  }, [bars]);
  if (!hasBars && !isLoading) return null;
  const [errors, warnings] = hasBars ? [sum(bars.errors), sum(bars.warnings)] : [0, 0];
  return (
    <section className="histogram" aria-label={say("histogram")}>
      <p className="legend">
        <span className="key ERROR">ERROR</span>
        <span className="key WARNING">WARNING</span>
        <span className="key">{say("other")}</span>
        <span className="pointed">{hasBars ? captionOf(bars, pointed, view, say) : ""}</span>
      </p>
      <div
        ref={box}
        className="chart"
        role="img"
        aria-label={`${say("histogramHelp")} ERROR ${errors}, WARNING ${warnings}.`}
      />
    </section>
  );
}

function captionOf(bars: Bars, pointed: number | null, view: View, say: Say): string {
  const { startMs, widthMs, all, errors, warnings } = bars;
  if (pointed === null || all[pointed] === undefined) return rangeText(startMs, endOf(bars), view);
  const from = startMs + pointed * widthMs;
  const marked = [
    ...(errors[pointed] ? [`${errors[pointed]} ERROR`] : []),
    ...(warnings[pointed] ? [`${warnings[pointed]} WARNING`] : []),
  ];
  return [rangeText(from, from + widthMs, view), say("count", all[pointed]), ...marked].join(" · ");
}
