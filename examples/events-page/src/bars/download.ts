import { allEvents } from "modelarts-events-client";
import { type Edge, type EventList } from "../list/event-list.js";

export type Format = "ndjson" | "csv";

const quoted = (value: string | null | undefined): string => `"${(value ?? "").replaceAll('"', '""')}"`;

function lineOf({ node: { time, level, source, message } }: Edge, format: Format): string {
  if (format === "ndjson") return `${JSON.stringify({ time, level, source, message })}\n`;
  // A cell that begins like a formula would be run by a spreadsheet.
  const text = /^[=+\-@\t\r]/.test(message) ? `'${message}` : message;
  return `${[time, level, source, text].map(quoted).join()}\r\n`;
}

/** Saves all events of the list's filter, oldest first. `onProgress` gets a share from 0 to 1. */
export async function download(
  { gateway, view, filter }: EventList,
  format: Format,
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<void> {
  const parts = format === "csv" ? ["time,level,source,message\r\n"] : [];
  const variables = { id: view.job, projectId: view.project, filter };
  for await (const { edges, done, total } of allEvents({ execute: gateway.execute, variables, signal })) {
    parts.push(edges.map((edge) => lineOf(edge, format)).join(""));
    onProgress(total === 0 ? 1 : done / total);
  }
  if (signal.aborted) return;
  const type = format === "csv" ? "text/csv;charset=utf-8" : "application/x-ndjson";
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${view.job}.${format}`;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}
