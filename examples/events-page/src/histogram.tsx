import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import UPlot from "uplot";
import { type Edge } from "./event-list.js";
import { type ChangeView } from "./use-view.js";
import { type View } from "./view.js";

type Props = {
  readonly edges: readonly Edge[];
  readonly view: View;
  readonly change: ChangeView;
  readonly label: string;
};

const HEIGHT = 110;
const BUCKETS = 60;

/** Seconds of the buckets' starts, then all events, warnings with errors, and errors alone. */
function bucketsOf(edges: readonly Edge[]): [number[], number[], number[], number[]] {
  const times = edges.map(({ node }) => Date.parse(node.time) / 1000);
  const [first = 0, last = 0] = [times.at(-1), times[0]];
  const width = Math.max(1, Math.ceil((last - first + 1) / BUCKETS));
  const count = Math.max(1, Math.ceil((last - first + 1) / width));
  const column = (): number[] => Array.from({ length: count }, () => 0);
  const [all, warnings, errors] = [column(), column(), column()];
  edges.forEach(({ node: { level } }, index) => {
    const at = Math.min(count - 1, Math.max(0, Math.floor(((times[index] ?? first) - first) / width)));
    const add = (counts: number[]): void => {
      counts[at] = (counts[at] ?? 0) + 1;
    };
    add(all);
    if (level === "WARNING" || level === "ERROR") add(warnings);
    if (level === "ERROR") add(errors);
  });
  return [all.map((_, at) => first + at * width), all, warnings, errors];
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const onScheme = (listener: () => void): (() => void) => {
  dark.addEventListener("change", listener);
  return () => {
    dark.removeEventListener("change", listener);
  };
};

export function Histogram({ edges, view, change, label }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const isDark = useSyncExternalStore(onScheme, () => dark.matches);
  const data = useMemo(() => bucketsOf(edges), [edges]);
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    const target = box.current;
    if (target === null) return;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string): string => style.getPropertyValue(name);
    const bars = UPlot.paths.bars?.({ size: [0.9, 40], align: 1 });
    const series = (name: string, fill: string): UPlot.Series => ({
      label: name,
      fill,
      stroke: fill,
      width: 0,
      points: { show: false },
      ...(bars !== undefined && { paths: bars }),
    });
    const axis = {
      stroke: colour("--dim"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
    };
    const chart = new UPlot(
      {
        width: target.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false, drag: { x: true, y: false, setScale: false } },
        ...(view.isUtc && { tzDate: (seconds: number) => UPlot.tzDate(new Date(seconds * 1000), "UTC") }),
        axes: [axis, { ...axis, size: 44 }],
        series: [
          {},
          series("all", colour("--info-bar")),
          series("warnings", colour("--warning-bar")),
          series("errors", colour("--error-bar")),
        ],
        hooks: {
          setSelect: [
            (self) => {
              const { left, width } = self.select;
              if (width < 4) return;
              const at = (x: number): string => new Date(self.posToVal(x, "x") * 1000).toISOString();
              change({ start: at(left), end: at(left + width), lastMinutes: null, event: null });
            },
          ],
        },
      },
      latest.current,
      target,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() => {
      chart.setSize({ width: target.clientWidth, height: HEIGHT });
    });
    observer.observe(target);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [change, view.isUtc, isDark]);
  useEffect(() => {
    plot.current?.setData(data);
  }, [data]);
  const [, , , errors] = data;
  const total = errors.reduce((sum, one) => sum + one, 0);
  return <div ref={box} className="histogram" role="img" aria-label={`${label} (${total} ERROR)`} />;
}
