import { writeSync } from "node:fs";
import { type DestinationStream } from "pino";

/** More than this many characters that standard output has not taken are not kept. */
const MAX_CHARS = 8_388_608;

/** The part of `process.stdout` that lines are written to. */
type Output = { readonly writableLength: number; write(text: string): unknown };

/** Writes lines to standard output, once in each turn of the event loop. */
export type LineOutput = DestinationStream & {
  /** Resolves when standard output has taken all lines, or when the time is over, in milliseconds. */
  readonly drain: (limitMs: number) => Promise<void>;
  /** Writes the lines of this turn before the process ends. Lines that a full pipe does not take are lost. */
  readonly flushSync: () => void;
};

/**
 * A reader that stops reading must neither make the memory grow nor keep the process from ending. So what waits is
 * bounded, lines beyond the bound are dropped and counted, and no thread ever waits in a write: pino's own destination
 * has no bound, and its last write at exit waits for as long as the pipe is full.
 */
export function createLineOutput(output: Output, maxChars = MAX_CHARS): LineOutput {
  let lines: string[] = [];
  let waitingChars = 0;
  let dropped = 0;

  const flush = (): void => {
    if (lines.length === 0) return;
    const text = lines.join("");
    lines = [];
    waitingChars = 0;
    output.write(text);
  };

  return {
    write: (line) => {
      if (output.writableLength + waitingChars + line.length > maxChars) {
        dropped += 1;
        return;
      }
      if (lines.length === 0) setImmediate(flush);
      if (dropped > 0) {
        const time = new Date().toISOString();
        lines.push(`${JSON.stringify({ level: "warn", time, dropped, msg: "Log lines were dropped" })}\n`);
        dropped = 0;
      }
      lines.push(line);
      waitingChars += line.length;
    },
    drain: async (limitMs) => {
      flush();
      const endMs = performance.now() + limitMs;
      while (output.writableLength > 0 && performance.now() < endMs) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    flushSync: () => {
      const text = lines.join("");
      lines = [];
      waitingChars = 0;
      try {
        if (text !== "" && output.writableLength === 0) writeSync(1, text);
      } catch {
        // The pipe is full or closed, and nobody can be told.
      }
    },
  };
}
