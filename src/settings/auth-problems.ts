import { isLoopbackHost } from "../http/origins.js";
import { table } from "./table.js";

/** How the gateway shows ModelArts who asks. */
export type UpstreamAuth = "passthrough" | "iam" | "aksk" | "none";

type Given = Readonly<Record<string, string>>;
type Name = keyof typeof table;

const NEEDED = {
  iam: ["IAM_ENDPOINT", "IAM_DOMAIN", "IAM_USER", "IAM_PASSWORD"],
  aksk: ["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"],
} as const satisfies Partial<Record<UpstreamAuth, readonly Name[]>>;

/**
 * What is wrong with how the variables of `iam` or `aksk` go together, one line for each at fault; what belongs to a
 * mode that is not chosen is nobody's concern. No value is repeated.
 * @param given the variables that are set, readable or not
 */
export function authProblems(given: Given): string[] {
  const auth = valueOf("MODELARTS_AUTH", given);
  if (auth !== "iam" && auth !== "aksk") return [];
  return [
    ...NEEDED[auth]
      .filter((name) => given[name] === undefined)
      .map((name) => line(name, `is not set, and MODELARTS_AUTH=${auth} needs it`)),
    ...(auth === "iam" ? inTheClear("IAM_ENDPOINT", given) : []),
    ...callerProblems(auth, given),
  ];
}

/** These modes lend the gateway's own rights to whoever may ask, so somebody has to say who that is. */
function callerProblems(auth: keyof typeof NEEDED, given: Given): string[] {
  if (given["JWT_JWKS_URL"] !== undefined) return inTheClear("JWT_JWKS_URL", given);
  const unchecked = (["JWT_ISSUER", "JWT_AUDIENCE"] as const)
    .filter((name) => typeof valueOf(name, given) === "string")
    .map((name) => `${name}: is of no use without JWT_JWKS_URL; allowed: both, or neither`);
  if (valueOf("ALLOW_ANONYMOUS", given) !== false) return unchecked;
  const problem = `is not set, and MODELARTS_AUTH=${auth} would serve everybody`;
  return [`${line("JWT_JWKS_URL", problem)}, or ALLOW_ANONYMOUS=true`, ...unchecked];
}

/**
 * A password that anybody on the way can read, or keys that anybody on the way can replace, are worth nothing, and
 * nothing else would show it.
 */
function inTheClear(name: "IAM_ENDPOINT" | "JWT_JWKS_URL", given: Given): string[] {
  const value = valueOf(name, given);
  if (typeof value !== "string") return [];
  const { protocol, hostname } = new URL(value);
  if (protocol === "https:" || isLoopbackHost(hostname)) return [];
  return [`${name}: the value is http to another computer; allowed: https, or http to this one`];
}

/** What a variable means; undefined where that cannot be read, which has a line of its own. */
function valueOf(name: Name, given: Given): unknown {
  const reading = table[name].read(given[name]);
  return "problem" in reading ? undefined : reading.value;
}

function line(name: Name, problem: string): string {
  return `${name}: ${problem}; allowed: ${table[name].allowed}`;
}
