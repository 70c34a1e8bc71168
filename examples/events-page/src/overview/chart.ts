import UPlot from "uplot";
import { type Bars, endOf } from "./bars.js";

export type Chart = { show(bars: Bars): void; destroy(): void };

type ChartOptions = {
  /** The text of a mark on the axis of time. */
  readonly tick: (timeMs: number, stepMs: number) => string;
  readonly onRange: (startMs: number, endMs: number) => void;
  readonly onTime: (timeMs: number) => void;
  /** The bar under the pointer; null if there is none. */
  readonly onPoint: (index: number | null) => void;
};

/** A drag shorter than this counts as a click, in pixels. */
const SHORTEST_DRAG = 4;
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6];

/** uPlot counts in seconds. Each level is drawn over the sum of itself and the less severe ones. */
function dataOf({ startMs, widthMs, all, warnings, errors }: Bars): UPlot.AlignedData {
  return [
    all.map((_, at) => (startMs + at * widthMs) / 1000),
    [...all],
    all.map((_, at) => (warnings[at] ?? 0) + (errors[at] ?? 0)),
    [...errors],
  ];
}

export function createChart(target: HTMLElement, first: Bars, options: ChartOptions): Chart {
  let bars = first;
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name);
  const paths = UPlot.paths.bars?.({ size: [0.86, 60], align: 1 });
  const series = (fill: string): UPlot.Series => ({
    fill,
    stroke: fill,
    width: 0,
    points: { show: false },
    ...(paths !== undefined && { paths }),
  });
  const axis = {
    stroke: colour("--dim"),
    font: "11px system-ui, sans-serif",
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  const size = (): { width: number; height: number } => ({
    width: target.clientWidth,
    height: target.clientHeight,
  });
  const chart = new UPlot(
    {
      ...size(),
      padding: [6, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
      scales: {
        x: { time: true, range: () => [bars.startMs / 1000, endOf(bars) / 1000] },
        y: { range: (_self, _least, most) => [0, Math.max(1, most * 1.08)] },
      },
      axes: [
        {
          ...axis,
          size: 24,
          grid: { show: false },
          space: 80,
          values: (_self, splits, _axis, _space, step) =>
            splits.map((at) => options.tick(at * 1000, step * 1000)),
        },
        { ...axis, size: 44, space: 18, incrs: STEPS },
      ],
      series: [
        {},
        series(colour("--info-bar")),
        series(colour("--warning-bar")),
        series(colour("--error-bar")),
      ],
      hooks: {
        setCursor: [
          ({ cursor, over }) => {
            const left = cursor.left ?? -1;
            const at = Math.floor((left / over.clientWidth) * bars.all.length);
            options.onPoint(left < 0 ? null : at);
          },
        ],
        setSelect: [
          (self) => {
            const { left, width } = self.select;
            if (width < SHORTEST_DRAG) return;
            options.onRange(self.posToVal(left, "x") * 1000, self.posToVal(left + width, "x") * 1000);
          },
        ],
      },
    },
    dataOf(bars),
    target,
  );
  let pressedAt = 0;
  chart.over.addEventListener("mousedown", ({ clientX }) => {
    pressedAt = clientX;
  });
  chart.over.addEventListener("click", ({ clientX }) => {
    if (Math.abs(clientX - pressedAt) >= SHORTEST_DRAG) return;
    const { left } = chart.over.getBoundingClientRect();
    options.onTime(chart.posToVal(clientX - left, "x") * 1000);
  });
  const observer = new ResizeObserver(() => {
    chart.setSize(size());
  });
  observer.observe(target);
  return {
    show: (next) => {
      bars = next;
      chart.setData(dataOf(next));
    },
    destroy: () => {
      observer.disconnect();
      chart.destroy();
    },
  };
}
