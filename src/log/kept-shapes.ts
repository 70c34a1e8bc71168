import { type EventEdge } from "../paging/connection.js";
import { type CursorScope } from "../paging/cursor.js";
import { type Mark, markAt, rowAt, type RowRun } from "../paging/mark.js";
import { type TrainingJobEvent } from "../training-job-event.js";

// For as long as the row itself is kept. A row belongs to one log in one language.
const marks = new WeakMap<TrainingJobEvent, Mark>();
const edges = new WeakMap<TrainingJobEvent, EventEdge>();
const cursors = new WeakMap<TrainingJobEvent, { ordinal: number; scope: CursorScope; text: string }>();

/** The mark of a row; the run must reach back far enough. */
export function markOf(run: RowRun, ordinal: number): Mark {
  const row = rowAt(run, ordinal);
  const mark = marks.get(row) ?? markAt(run, ordinal);
  marks.set(row, mark);
  return mark;
}

/** The cursor of a row of a single log, which `write` writes when the row has none yet. */
export function keptCursor(
  row: TrainingJobEvent,
  ordinal: number,
  scope: CursorScope,
  write: () => string,
): string {
  const kept = cursors.get(row);
  const isSame =
    kept?.ordinal === ordinal && kept.scope.job === scope.job && kept.scope.filter === scope.filter;
  if (isSame) return kept.text;
  const text = write();
  cursors.set(row, { ordinal, scope, text });
  return text;
}

/** The edge that shows a row; the same object for as long as its cursor is the same. */
export function edgeOf(row: TrainingJobEvent, cursor: string): EventEdge {
  const kept = edges.get(row);
  if (kept?.cursor === cursor) return kept;
  const { timeMs, level, source, message } = row;
  const node = kept?.node ?? { time: new Date(timeMs).toISOString(), level, source, message };
  const edge = { cursor, node };
  edges.set(row, edge);
  return edge;
}
