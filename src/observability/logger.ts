import { type Logger, pino } from "pino";

export type { Logger };

// Nothing logs headers or tokens on purpose; this catches what slips in with an object.
const SECRETS = ["authToken", "token", "password", "authorization", '["x-auth-token"]'];

/**
 * Structured lines on standard output, as JSON. They are written in the background; what is left is written when
 * the process exits.
 * @param level one of pino's, or `silent`
 */
export function createLogger(level: string): Logger {
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
    pino.destination({ fd: 1, sync: false }),
  );
}
