import { isSecret } from "./secret-files.js";
import { table } from "./table.js";

/** A variable that is set but has no effect, with the reason. */
export type UnusedSetting = { readonly name: string; readonly reason: string };

type Environment = Readonly<Record<string, string | undefined>>;

const NAMES: readonly string[] = Object.keys(table);
/** The variables that name files. */
const FILE_NAMES: readonly string[] = NAMES.filter(isSecret).map((name) => `${name}_FILE`);
/** Variables that only some modes of MODELARTS_AUTH read. */
const MODES: readonly (readonly [names: RegExp, modes: readonly string[]])[] = [
  [/^HUAWEICLOUD_SDK_(AK|SK|SECURITY_TOKEN)$/, ["aksk"]],
  [/^HUAWEICLOUD_METADATA_ENDPOINT$/, ["agency"]],
  [/^IAM_/, ["iam"]],
  [/^(JWT_|ALLOW_ANONYMOUS$)/, ["iam", "aksk", "agency"]],
];
/** Variables that Kubernetes sets for each service; the name of a service may be similar to a setting. */
const OF_KUBERNETES = /_(SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)$/;
/** The value of the variable `…_PORT` that Kubernetes sets for a service. */
const KUBERNETES_PORT = /^(tcp|udp|sctp):\/\//;
/** The maximum number of letters by which a name may differ from a setting to count as a typing mistake. */
const TYPING_MISTAKES = 2;

/**
 * Finds variables that look like settings but have no effect: typing mistakes, and settings of another mode.
 * @param auth the mode in use
 */
export function unusedSettings(env: Environment, auth: string): UnusedSetting[] {
  return Object.keys(env)
    .filter((name) => (env[name] ?? "").trim() !== "")
    .flatMap((name) => {
      const reason = isOfKubernetes(name, env[name] ?? "") ? null : reasonOf(name, auth);
      return reason === null ? [] : [{ name, reason }];
    });
}

function isOfKubernetes(name: string, value: string): boolean {
  return OF_KUBERNETES.test(name) || (name.endsWith("_PORT") && KUBERNETES_PORT.test(value));
}

function reasonOf(name: string, auth: string): string | null {
  const setting = name.endsWith("_FILE") ? name.slice(0, -"_FILE".length) : name;
  if (setting !== name && NAMES.includes(setting) && !isSecret(setting)) {
    return "is not a setting; only secrets are read from files";
  }
  if (NAMES.includes(setting)) {
    const modes = MODES.find(([names]) => names.test(setting))?.[1];
    return modes === undefined || modes.includes(auth) ? null : `is not read with MODELARTS_AUTH=${auth}`;
  }
  const similar =
    FILE_NAMES.find((known) => isSimilar(name, known)) ?? NAMES.find((known) => isSimilar(setting, known));
  if (similar !== undefined) return `is not a setting; did you mean ${similar}?`;
  return name.startsWith("MODELARTS_") ? "is not a setting" : null;
}

/** The unit at the end of a name. */
const UNIT = /_(MS|MILLIS|MILLISECONDS|S|SEC|SECS|SECONDS|MIN|MINUTES|BYTES|KB|MB|GB|MAX)$/;

/**
 * Whether two names are similar, or differ only in the unit at the end. Short names are not compared, because they are
 * similar to many by chance.
 */
function isSimilar(name: string, known: string): boolean {
  if (UNIT.test(known) && name.toUpperCase().replace(UNIT, "") === known.replace(UNIT, "")) return true;
  if (known.length < 8 || Math.abs(name.length - known.length) > TYPING_MISTAKES) return false;
  return distanceOf(name.toUpperCase(), known) <= TYPING_MISTAKES;
}

/** The Levenshtein distance of two texts. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at];
    for (let column = 1; column <= other.length; column += 1) {
      const changed = (row[column - 1] ?? 0) + (one[at - 1] === other[column - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
