import { type EventEdge } from "../../paging/connection.js";

/** The number of newest events that are compared to find late events. */
export const WINDOW_EVENTS = 100;

/** The identities of the newest events of a log, oldest first. Exact repeats have the same identity. */
export function windowOf(edges: readonly EventEdge[]): string[] {
  return edges.slice(-WINDOW_EVENTS).map(identityOf);
}

/** The window after these events have been added to the log. */
export function windowBehind(window: readonly string[], edges: readonly EventEdge[]): readonly string[] {
  return edges.length === 0 ? window : [...window, ...edges.map(identityOf)].slice(-WINDOW_EVENTS);
}

/**
 * The events that have arrived since a window was read. Among exact repeats, the last ones count as new.
 * @param window the identities of the newest events at that time
 * @param edges the newest events now, up to the same event
 */
export function lateAmong(window: readonly string[], edges: readonly EventEdge[]): EventEdge[] {
  const known = new Map<string, number>();
  for (const identity of window) known.set(identity, (known.get(identity) ?? 0) + 1);
  return edges.filter((edge) => {
    const identity = identityOf(edge);
    const left = known.get(identity) ?? 0;
    known.set(identity, left - 1);
    return left <= 0;
  });
}

function identityOf({ node: { time, level, source, message } }: EventEdge): string {
  return `${time} ${level ?? ""} ${source ?? ""} ${message}`;
}
