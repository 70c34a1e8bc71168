import { type DestinationStream, type Logger, pino } from "pino";

import { createLineOutput } from "./stdout.js";

export type { Logger };

// Nothing logs headers or tokens on purpose; this catches what slips in with an object.
const SECRETS = ["authToken", "token", "password", "authorization", '["x-auth-token"]'];

/**
 * Structured lines, as JSON.
 * @param level one of pino's, or `silent`
 * @param destination default: standard output
 */
export function createLogger(
  level: string,
  destination: DestinationStream = createLineOutput(process.stdout),
): Logger {
  const paths = SECRETS.flatMap((name) => {
    const below = name.startsWith("[") ? name : `.${name}`;
    return [name, `*${below}`, `*.*${below}`];
  });
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths, censor: "[redacted]" },
    },
    destination,
  );
}
