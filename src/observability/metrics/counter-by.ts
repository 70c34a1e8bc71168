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
  // Objects, so that counting needs one lookup.
  const waiting = new Map<string, { count: number }>();
  const counter = new Counter({
    ...options,
    labelNames: [label],
    collect: () => {
      for (const [value, { count }] of waiting) counter.inc({ [label]: value }, count);
      waiting.clear();
    },
  });
  for (const value of known) counter.inc({ [label]: value }, 0);
  return (value, count = 1) => {
    const known = waiting.get(value);
    if (known === undefined) waiting.set(value, { count });
    else known.count += count;
  };
}
