import { isLoopbackHost } from "../http/origins.js";
import { table } from "./table.js";

/** The way in which calls to ModelArts are authenticated. */
export type UpstreamAuth = "passthrough" | "iam" | "aksk" | "agency" | "none";

type Given = Readonly<Record<string, string>>;
type Name = keyof typeof table;

const NEEDED = {
  iam: ["IAM_ENDPOINT", "IAM_DOMAIN", "IAM_USER", "IAM_PASSWORD"],
  aksk: ["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"],
  agency: [],
} as const satisfies Partial<Record<UpstreamAuth, readonly Name[]>>;

/**
 * Checks that the variables of `iam`, `aksk` or `agency` are complete and consistent. Ignores variables of other modes.
 * @param given the variables that are set, valid or not
 * @returns one line for each wrong variable, without its value
 */
export function authProblems(given: Given): string[] {
  const auth = valueOf("MODELARTS_AUTH", given);
  if (auth !== "iam" && auth !== "aksk" && auth !== "agency") return [];
  return [
    ...NEEDED[auth]
      .filter((name) => given[name] === undefined)
      .map((name) => line(name, `is not set, and MODELARTS_AUTH=${auth} needs it`)),
    ...(auth === "iam" ? inTheClear("IAM_ENDPOINT", given) : []),
    ...callerProblems(auth, given),
  ];
}

/** In these modes callers use the gateway's own rights, so the settings must say who may call. */
function callerProblems(auth: keyof typeof NEEDED, given: Given): string[] {
  if (given["JWT_JWKS_URL"] !== undefined) {
    return valueOf("JWT_JWKS_ALLOW_HTTP", given) === true ? [] : inTheClear("JWT_JWKS_URL", given);
  }
  const unchecked = (["JWT_ISSUER", "JWT_AUDIENCE", "JWT_PROJECTS_CLAIM"] as const)
    .filter((name) => given[name] !== undefined && valueOf(name, given) !== undefined)
    .map((name) => `${name}: has no effect without JWT_JWKS_URL; allowed: both, or neither`);
  if (valueOf("ALLOW_ANONYMOUS", given) !== false) return unchecked;
  const problem = `is not set, so MODELARTS_AUTH=${auth} would accept every caller`;
  return [`${line("JWT_JWKS_URL", problem)}, or ALLOW_ANONYMOUS=true`, ...unchecked];
}

/** Refuses plain HTTP to another host: anybody on the network could read the password or replace the keys unnoticed. */
function inTheClear(name: "IAM_ENDPOINT" | "JWT_JWKS_URL", given: Given): string[] {
  const value = valueOf(name, given);
  if (typeof value !== "string") return [];
  const { protocol, hostname } = new URL(value);
  if (protocol === "https:" || isLoopbackHost(hostname)) return [];
  const way = name === "JWT_JWKS_URL" ? ", or JWT_JWKS_ALLOW_HTTP=on" : "";
  return [`${name}: the value is http to another host; allowed: https, or http to this host${way}`];
}

/** The value of a variable; undefined if it is invalid, which another check reports. */
function valueOf(name: Name, given: Given): unknown {
  const reading = table[name].read(given[name]);
  return "problem" in reading ? undefined : reading.value;
}

function line(name: Name, problem: string): string {
  return `${name}: ${problem}; allowed: ${table[name].allowed}`;
}
