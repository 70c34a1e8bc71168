import { addEnvFile } from "./settings/env-file.js";
import { createLogger, type Logger } from "./observability/logger.js";
import { type App, startApp } from "./app/app.js";
import { readSettings, type Settings } from "./settings/settings.js";

/** EX_CONFIG of sysexits.h. */
const BAD_SETTINGS = 78;

const settings = settingsOrExit();
const logger = createLogger(settings.LOG_LEVEL);
// An unhandled rejection comes here, too. What state is left nobody knows, so the process ends.
process.on("uncaughtException", (error) => {
  logger.fatal({ err: error }, "Something was thrown that nobody caught");
  process.exit(1);
});
if (settings.MODELARTS_ENDPOINT === null) {
  const cache = settings.REDIS_URL === null ? "caching in this process's own memory" : "caching in Redis";
  logger.info(`MODELARTS_ENDPOINT is not set: serving the built-in ModelArts simulator, ${cache}`);
}
const app = await startOrExit(settings, logger);
stopOnSignals(app, settings, logger);
process.stdout.write(`ready: ${app.url}\n`);

function settingsOrExit(): Settings {
  try {
    addEnvFile(".env", process.env);
  } catch (error) {
    exitWith(BAD_SETTINGS, [`.env: cannot be read (${codeOf(error)}); allowed: a readable file, or none`]);
  }
  const reading = readSettings(process.env);
  return reading.ok ? reading.settings : exitWith(BAD_SETTINGS, reading.problems);
}

async function startOrExit(settings: Settings, logger: Logger): Promise<App> {
  try {
    return await startApp(settings, logger);
  } catch (error) {
    const { HOST: host, PORT: port } = settings;
    switch (codeOf(error)) {
      case "EADDRINUSE":
        return exitWith(1, [
          `PORT: ${port} on ${host} is in use; stop what listens there, or set another PORT`,
        ]);
      case "EACCES":
      case "EADDRNOTAVAIL":
      case "ENOTFOUND":
      case "EAI_AGAIN":
        return exitWith(1, [`HOST, PORT: cannot listen on ${host}, port ${port} (${codeOf(error)})`]);
      default:
        logger.fatal({ err: error }, "The gateway cannot start");
        return exitWith(1, ["The gateway cannot start; its log says why."]);
    }
  }
}

/** SIGTERM comes from what runs the process and leaves time to load balancers; SIGINT from somebody who waits. */
function stopOnSignals(app: App, settings: Settings, logger: Logger): void {
  const { SHUTDOWN_DELAY_MS: delayMs, SHUTDOWN_GRACE_MS: graceMs } = settings;
  let stopping = false;
  const stop = (signal: string, delay: number): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, "Stopping");
    // What does not end by itself is given up, a little before the time that was promised.
    setTimeout(() => {
      logger.warn("Not everything ended in time");
      process.exit(0);
    }, graceMs * 0.98);
    app.drain({ delayMs: delay, graceMs: graceMs * 0.95 }).then(
      () => {
        logger.info("Stopped");
        process.exit(0);
      },
      (error: unknown) => {
        logger.fatal({ err: error }, "The gateway cannot stop in order");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", () => {
    stop("SIGTERM", delayMs);
  });
  process.on("SIGINT", () => {
    stop("SIGINT", 0);
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

function exitWith(code: number, lines: readonly string[]): never {
  process.stderr.write(lines.map((line) => `${line}\n`).join(""));
  process.exit(code);
}
