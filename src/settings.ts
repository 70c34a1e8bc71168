import { type z } from "zod";
import { type AllowedOrigins } from "./http/origins.js";
import { about, type About, table } from "./settings/table.js";

type Written = z.output<typeof table>;

/** The checked environment, under the variables' own names; null is what is unset and has no default. */
export type Settings = Readonly<
  Omit<Written, "MODELARTS_AUTH" | "CACHE_DEBUG" | "INTROSPECTION" | "CORS_ORIGINS"> & {
    MODELARTS_AUTH: "passthrough" | "none";
    CACHE_DEBUG: boolean;
    INTROSPECTION: boolean;
    CORS_ORIGINS: AllowedOrigins;
  }
>;

/** Either settings that fit together, or one line for each variable at fault, fit to be shown. */
export type SettingsReading =
  { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly problems: string[] };

type Given = Readonly<Record<string, string>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** The documentation of every variable, in the order in which it should be read. */
export const SETTINGS: readonly (About & { readonly name: string })[] = Object.entries(table.shape).map(
  ([name, schema]) => ({ name, ...aboutOf(name, schema) }),
);

/** Checks an environment, `NODE_ENV` included. An empty value counts as an unset one. */
export function readSettings(env: Environment): SettingsReading {
  const given = Object.fromEntries(
    Object.keys(table.shape).flatMap((name) => {
      const text = env[name];
      return text === undefined || text.trim() === "" ? [] : [[name, text] as const];
    }),
  );
  const written = table.safeParse(given);
  const problems = [...problemLines(written.error?.issues ?? [], given), ...delayProblem(given)];
  if (!written.success || problems.length > 0) return { ok: false, problems };
  return { ok: true, settings: withDefaults(written.data, given, env["NODE_ENV"] === "production") };
}

function problemLines(issues: readonly z.core.$ZodIssue[], given: Given): string[] {
  const first = new Map<string, string>();
  for (const { path, message } of issues) {
    const name = String(path[0]);
    if (!first.has(name)) first.set(name, problemLine(name, given[name] ?? "", message));
  }
  return [...first.values()];
}

/** One line; JSON's escapes keep a value with line breaks on it, and a long one is cut. */
function problemLine(name: string, text: string, problem: string): string {
  const { allowed, secret } = aboutOf(name, table.shape[name as keyof Written]);
  const shown = secret ? "the value" : JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  return `${name}: ${shown} ${problem}; allowed: ${allowed}`;
}

function aboutOf(name: string, schema: z.ZodType): About {
  const found = about.get(schema);
  if (found === undefined) throw new Error(`The setting ${name} is not documented.`);
  return found;
}

/** The delay is a part of the grace, so one as long leaves no time to answer what is in flight. */
function delayProblem(given: Given): string[] {
  const delay = table.shape.SHUTDOWN_DELAY_MS.safeParse(given["SHUTDOWN_DELAY_MS"]);
  const grace = table.shape.SHUTDOWN_GRACE_MS.safeParse(given["SHUTDOWN_GRACE_MS"]);
  if (given["SHUTDOWN_DELAY_MS"] === undefined || !delay.success || !grace.success) return [];
  if (delay.data < grace.data) return [];
  return [
    `SHUTDOWN_DELAY_MS: "${delay.data}" is too large; allowed: less than SHUTDOWN_GRACE_MS, which is ${grace.data}`,
  ];
}

/** Fills in the defaults that depend on other variables. */
function withDefaults(written: Written, given: Given, production: boolean): Settings {
  const simulated = written.MODELARTS_ENDPOINT === null;
  return {
    ...written,
    MODELARTS_AUTH: written.MODELARTS_AUTH ?? (simulated ? "none" : "passthrough"),
    MODELARTS_PROJECT_ID: written.MODELARTS_PROJECT_ID ?? (simulated ? "demo-project" : null),
    CACHE_DEBUG: written.CACHE_DEBUG ?? !production,
    INTROSPECTION: written.INTROSPECTION ?? !production,
    CORS_ORIGINS: allowedOrigins(written.CORS_ORIGINS, production),
    // A short grace alone is no mistake: the default delay then gives way.
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
