import { Counter, type Registry } from "prom-client";

/**
 * Counts by the value of one label, in plain numbers. They become a metric when the metrics are read. The series of
 * `known` values begin with 0: Prometheus sees no increase if a series begins with 1, and an alert would miss it.
 */
export function counterBy(
  label: string,
  options: { name: string; help: string; registers: Registry[] },
  known: readonly string[] = [],
): (value: string, count?: number) => void {
  const waiting = new Map<string, number>();
  const counter = new Counter({
    ...options,
    labelNames: [label],
    collect: () => {
      for (const [value, count] of waiting) counter.inc({ [label]: value }, count);
      waiting.clear();
    },
  });
  for (const value of known) counter.inc({ [label]: value }, 0);
  return (value, count = 1) => {
    waiting.set(value, (waiting.get(value) ?? 0) + count);
  };
}
