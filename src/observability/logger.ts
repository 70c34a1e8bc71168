import { type DestinationStream, type Logger, pino } from "pino";

import { createLineOutput } from "./stdout.js";

export type { Logger };

// No code logs headers or tokens on purpose. This redacts secrets that are logged by mistake, inside an object.
const SECRETS = ["authToken", "token", "password", "authorization", '["x-auth-token"]'];

/**
 * Makes a logger that writes JSON lines.
 * @param level a level of pino, or `silent`
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
