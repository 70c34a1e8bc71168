import { writeSync } from "node:fs";
import { type DestinationStream } from "pino";

/** The maximum number of characters that wait for standard output. */
const MAX_CHARS = 8_388_608;

/** The part of `process.stdout` that is used. */
type Output = { readonly writableLength: number; write(text: string): unknown };

/** Writes lines to standard output, with one write in each turn of the event loop. */
export type LineOutput = DestinationStream & {
  /** Resolves when standard output has accepted all lines, or after `limitMs` milliseconds. */
  readonly drain: (limitMs: number) => Promise<void>;
  /** Writes the lines of this turn before the process ends. Lines that do not fit into the pipe are lost. */
  readonly flushSync: () => void;
};

/**
 * Makes the output. If the reader of the log stops reading, the memory must not grow, and the process must be able to
 * end. So the number of waiting characters is limited, further lines are dropped and counted, and no write blocks.
 * pino's own destination has no limit, and its last write at exit blocks while the pipe is full.
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
        // The pipe is full or closed, so the lines are lost.
      }
    },
  };
}
