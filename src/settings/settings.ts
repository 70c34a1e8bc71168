import { type AllowedOrigins } from "../http/origins.js";
import { authProblems, type UpstreamAuth } from "./auth-problems.js";
import { isSecret, readSecretOf, type SecretFiles, type SecretName } from "./secret-files.js";
import { type About, type Setting } from "./setting.js";
import { table } from "./table.js";

type Table = typeof table;
type Written = { [Name in keyof Table]: Table[Name] extends Setting<infer Value> ? Value : never };

/** The checked environment, by variable name; null for a variable that is unset and has no default. */
export type Settings = Readonly<
  Omit<Written, "MODELARTS_AUTH" | "CACHE_DEBUG" | "INTROSPECTION" | "CORS_ORIGINS"> & {
    MODELARTS_AUTH: UpstreamAuth;
    CACHE_DEBUG: boolean;
    INTROSPECTION: boolean;
    CORS_ORIGINS: AllowedOrigins;
    /** Whether NODE_ENV is `production`. */
    IS_PRODUCTION: boolean;
    /** Where secrets come from files, which may be replaced while the gateway runs. */
    SECRET_FILES: SecretFiles;
  }
>;

/** Consistent settings, or one line for each wrong variable, without secrets. */
export type SettingsReading =
  { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly problems: string[] };

type Given = Readonly<Record<string, string>>;
type Environment = Readonly<Record<string, string | undefined>>;

const variables: readonly (readonly [string, Setting<unknown>])[] = Object.entries(table);

/** The documentation of all variables, in reading order. */
export const SETTINGS: readonly (About & { readonly name: string })[] = variables.map(([name, setting]) => ({
  name,
  ...setting,
}));

/** Checks an environment, `NODE_ENV` included. An empty value counts as an unset one. */
export function readSettings(env: Environment): SettingsReading {
  const given: Record<string, string> = {};
  const written: Record<string, unknown> = {};
  const problems: string[] = [];
  const files: Partial<Record<SecretName, string>> = {};
  for (const [name, setting] of variables) {
    const file = readSecretOf(name, env);
    if (file !== null && "line" in file) {
      problems.push(file.line);
      // No other line complains that it is not set.
      given[name] = "";
      continue;
    }
    const text = file?.text ?? env[name];
    if (file !== null && isSecret(name)) files[name] = file.path;
    if (text !== undefined && text.trim() !== "") given[name] = text;
    const reading = setting.read(given[name]);
    if ("problem" in reading)
      problems.push(problemLine(name, setting, given[name] ?? "", reading.problem, file));
    else written[name] = reading.value;
  }
  const isProduction = env["NODE_ENV"] === "production";
  problems.push(
    ...delayProblem(given),
    ...metricsProblem(given),
    ...simulatorProblem(given, isProduction),
    ...projectProblem(given),
    ...authProblems(given),
  );
  if (problems.length > 0) return { ok: false, problems };
  const settings = withDefaults(written as Written, given, isProduction);
  return { ok: true, settings: { ...settings, SECRET_FILES: files } };
}

/**
 * Makes one line. JSON escapes keep a value with line breaks on one line; a long value is cut.
 * @param file the file of the value, whose content is never shown; null if the value is not from a file
 */
function problemLine(
  name: string,
  { allowed, secret }: About,
  text: string,
  problem: string,
  file: { readonly path: string } | null,
): string {
  if (file !== null) {
    return `${name}_FILE: the content of ${JSON.stringify(file.path)} ${problem}; allowed: ${allowed}`;
  }
  const shown = secret ? "the value" : JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  return `${name}: ${shown} ${problem}; allowed: ${allowed}`;
}

/** SINGLE_PROJECT needs a project. With the simulator, the default project is used. */
function projectProblem(given: Given): string[] {
  const single = table.SINGLE_PROJECT.read(given["SINGLE_PROJECT"]);
  const isOn = "value" in single && single.value;
  if (!isOn || given["MODELARTS_PROJECT_ID"] !== undefined || given["MODELARTS_ENDPOINT"] === undefined)
    return [];
  return ["MODELARTS_PROJECT_ID: is not set, and SINGLE_PROJECT=on needs it; allowed: a project's ID"];
}

/** Requires an endpoint in production: without it, the gateway would show invented events. */
function simulatorProblem(given: Given, isProduction: boolean): string[] {
  const simulator = table.SIMULATOR.read(given["SIMULATOR"]);
  const isAllowed = "value" in simulator && simulator.value;
  if (!isProduction || isAllowed || given["MODELARTS_ENDPOINT"] !== undefined) return [];
  const { allowed } = table.MODELARTS_ENDPOINT;
  return [`MODELARTS_ENDPOINT: is not set, and NODE_ENV is production; allowed: ${allowed}, or SIMULATOR=on`];
}

/** The delay is part of the grace, so it must be shorter: otherwise no time is left for the requests in flight. */
function delayProblem(given: Given): string[] {
  if (given["SHUTDOWN_DELAY_MS"] === undefined) return [];
  const delay = table.SHUTDOWN_DELAY_MS.read(given["SHUTDOWN_DELAY_MS"]);
  const grace = table.SHUTDOWN_GRACE_MS.read(given["SHUTDOWN_GRACE_MS"]);
  if ("problem" in delay || "problem" in grace || delay.value < grace.value) return [];
  return [
    `SHUTDOWN_DELAY_MS: "${delay.value}" is too large; allowed: less than SHUTDOWN_GRACE_MS, which is ${grace.value}`,
  ];
}

/** Two servers cannot listen on one port. Port 0 picks a free one. */
function metricsProblem(given: Given): string[] {
  const port = table.PORT.read(given["PORT"]);
  const metrics = table.METRICS_PORT.read(given["METRICS_PORT"]);
  if ("problem" in port || "problem" in metrics) return [];
  if (metrics.value === null || metrics.value === 0 || metrics.value !== port.value) return [];
  return [`METRICS_PORT: "${metrics.value}" is the same as PORT; allowed: another port, or unset`];
}

/** Fills in the defaults that depend on other variables. */
function withDefaults(written: Written, given: Given, production: boolean): Omit<Settings, "SECRET_FILES"> {
  const simulated = written.MODELARTS_ENDPOINT === null;
  return {
    ...written,
    MODELARTS_AUTH: written.MODELARTS_AUTH ?? (simulated ? "none" : "passthrough"),
    MODELARTS_PROJECT_ID: written.MODELARTS_PROJECT_ID ?? (simulated ? "demo-project" : null),
    CACHE_DEBUG: written.CACHE_DEBUG ?? !production,
    INTROSPECTION: written.INTROSPECTION ?? !production,
    IS_PRODUCTION: production,
    CORS_ORIGINS: allowedOrigins(written.CORS_ORIGINS, production),
    // A short grace is valid; it shortens the default delay.
    SHUTDOWN_DELAY_MS:
      given["SHUTDOWN_DELAY_MS"] === undefined
        ? Math.min(written.SHUTDOWN_DELAY_MS, Math.floor(written.SHUTDOWN_GRACE_MS / 2))
        : written.SHUTDOWN_DELAY_MS,
  };
}

function allowedOrigins(listed: readonly string[] | null, production: boolean): AllowedOrigins {
  if (listed !== null) return { listed, loopback: false };
  if (production) return { listed: [], loopback: false };
  return { listed: ["https://studio.apollographql.com"], loopback: true };
}
