import { addEnvFile } from "./settings/env-file.js";
import { type App } from "./app/app.js";
import { createLogger } from "./observability/logger.js";
import { createLineOutput } from "./observability/stdout.js";
import { SettingError } from "./settings/setting-error.js";
import { readSettings, type Settings } from "./settings/settings.js";
import { unusedSettings } from "./settings/unused-settings.js";

/** EX_CONFIG of sysexits.h. */
const BAD_SETTINGS = 78;
/** How long the process waits at its end until standard output has accepted the last lines, in milliseconds. */
const LAST_LINES_MS = 200;

const settings = settingsOrExit();
const output = createLineOutput(process.stdout);
process.on("exit", output.flushSync);
// The gateway continues if the reader of the log closes the pipe.
process.stdout.on("error", () => undefined);
const logger = createLogger(settings.LOG_LEVEL, output);
// Also called for unhandled rejections. The state of the process is then unknown, so it ends.
process.on("uncaughtException", (error) => {
  logger.fatal({ err: error }, "An exception was not caught");
  process.exit(1);
});
if (settings.MODELARTS_ENDPOINT === null) {
  const cache = settings.REDIS_URL === null ? "caching in this process's own memory" : "caching in Redis";
  logger.info(`MODELARTS_ENDPOINT is not set: serving the built-in ModelArts simulator, ${cache}`);
}
for (const { name, reason } of unusedSettings(process.env, settings.MODELARTS_AUTH)) {
  logger.warn({ setting: name }, `${name} ${reason}`);
}
const state = { isReady: false, isStopping: false };
const starting = startOrExit();
// Before the parts are loaded, because Node as process 1 of a container ignores signals without a handler.
stopOnSignals(starting, settings);
const { url } = await starting;
state.isReady = true;
if (!state.isStopping) process.stdout.write(`ready: ${url}\n`);

function settingsOrExit(): Settings {
  try {
    addEnvFile(".env", process.env);
  } catch (error) {
    exitWith(BAD_SETTINGS, [`.env: cannot be read (${codeOf(error)}); allowed: a readable file, or none`]);
  }
  const reading = readSettings(process.env);
  return reading.ok ? reading.settings : exitWith(BAD_SETTINGS, reading.problems);
}

async function startOrExit(): Promise<App> {
  try {
    const { startApp } = await import("./app/app.js");
    return await startApp(settings, logger);
  } catch (error) {
    if (error instanceof SettingError) return exitWith(BAD_SETTINGS, [error.message]);
    const { HOST: host, PORT: port } = settings;
    switch (codeOf(error)) {
      case "EADDRINUSE":
        return exitWith(1, [
          `PORT: ${port} on ${host} is in use; stop the program that listens there, or set another PORT`,
        ]);
      case "EACCES":
      case "EADDRNOTAVAIL":
      case "ENOTFOUND":
      case "EAI_AGAIN":
        return exitWith(1, [`HOST, PORT: cannot listen on ${host}, port ${port} (${codeOf(error)})`]);
      case "ERR_PROXY_URL":
        return exitWith(BAD_SETTINGS, [error instanceof Error ? error.message : "HTTPS_PROXY, HTTP_PROXY"]);
      default:
        logger.fatal({ err: error }, "The gateway cannot start");
        return exitWith(1, ["The gateway cannot start; its log says why."]);
    }
  }
}

/** SIGTERM comes from an orchestrator, so load balancers get time to notice. SIGINT comes from a waiting person. */
function stopOnSignals(
  started: Promise<App>,
  { SHUTDOWN_DELAY_MS, SHUTDOWN_GRACE_MS: graceMs }: Settings,
): void {
  const end = async (code: number): Promise<void> => {
    await output.drain(Math.min(LAST_LINES_MS, graceMs * 0.03));
    process.exit(code);
  };
  const stop = (signal: string, delayMs: number): void => {
    if (state.isStopping) return;
    state.isStopping = true;
    logger.info({ signal }, "Stopping");
    // Everything that has not ended by itself is abandoned shortly before the end of the grace.
    setTimeout(() => {
      logger.warn("The shutdown did not finish within SHUTDOWN_GRACE_MS");
      void end(0);
    }, graceMs * 0.95);
    // A gateway that was not ready has no clients to wait for.
    const limits = { delayMs: state.isReady ? delayMs : 0, graceMs: graceMs * 0.92 };
    started
      .then((app) => app.drain(limits))
      .then(
        () => {
          logger.info("Stopped");
          return end(0);
        },
        (error: unknown) => {
          logger.fatal({ err: error }, "The gateway cannot stop in order");
          return end(1);
        },
      );
  };
  process.on("SIGTERM", () => {
    stop("SIGTERM", SHUTDOWN_DELAY_MS);
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
