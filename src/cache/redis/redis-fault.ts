import { isNativeError } from "node:util/types";
import { TimeLimitReached } from "../time-limit.js";

/** Faults that only writes have: the server still answers reads. */
const REFUSED_WRITES: ReadonlySet<string> = new Set(["OOM", "READONLY", "MISCONF", "NOREPLICAS"]);

/** The error replies of a cluster node to a client that does not know about the cluster. */
const CLUSTER_FAULTS: ReadonlySet<string> = new Set(["MOVED", "CROSSSLOT", "ASK"]);

export const isRefusedWrite = (fault: string): boolean => REFUSED_WRITES.has(fault);
export const isClusterFault = (fault: string): boolean => CLUSTER_FAULTS.has(fault);

/** The messages of ioredis errors that do not contain the cause. */
const WITHOUT_CAUSE = /^(Connection is closed|Failed to refresh slots cache|All sentinels are unreachable)/;

/** Known replies that begin with the general word ERR. */
const WELL_KNOWN = [
  ["cluster support disabled", "CLUSTER_DISABLED"],
  ["No such master with that name", "NO_MASTER"],
] as const;

/** Whether an error does not contain its cause. */
export const isUnexplained = (error: unknown): boolean =>
  isNativeError(error) && WITHOUT_CAUSE.test(error.message) && lastError(error) === null;

/**
 * Returns the first word of an error reply such as `OOM command not allowed`, or the code of a network error such as
 * `ECONNREFUSED`, or else the error's name. None of them contains a key, a host or a password. Null is the end of a
 * connection without an error.
 */
export function faultOf(error: unknown): string {
  if (error === null) return "CLOSED";
  if (!isNativeError(error)) return "unknown";
  if (error instanceof TimeLimitReached) return "TIMEOUT";
  const known = WELL_KNOWN.find(([text]) => error.message.includes(text));
  if (known !== undefined) return known[1];
  if (WITHOUT_CAUSE.test(error.message)) return lastError(error) ?? "CLOSED";
  const code = "code" in error && typeof error.code === "string" ? error.code : null;
  return wordOf(error.message) ?? code ?? error.name;
}

/** The fault of a cluster node or Sentinel that ioredis keeps in an error about all of them. */
function lastError(error: Error): string | null {
  const node = "lastNodeError" in error ? error.lastNodeError : null;
  if (isNativeError(node) && !WITHOUT_CAUSE.test(node.message)) return faultOf(node);
  return /Last error: (?:\w*Error: )?([A-Z]{3,})\b/.exec(error.message)?.[1] ?? null;
}

const wordOf = (message: string): string | null =>
  /^[A-Z]{3,}\b/.exec(message)?.[0] ?? /Last error: \w*Error: ([A-Z]{3,})\b/.exec(message)?.[1] ?? null;
