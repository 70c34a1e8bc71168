import { type Redis } from "ioredis";
import { withinLimit } from "../time-limit.js";
import { createDiagnosticClient } from "./redis-client.js";
import { faultOf, isUnexplained } from "./redis-fault.js";
import { type RedisTarget } from "./redis-url.js";

/** The product and version of a server; the version is null if the server does not report it. */
export type ServerInfo = { readonly product: string; readonly version: string | null };

const LIMIT_MS = 2_000;

/**
 * Finds the cause of a failed connection. ioredis drops it when it discovers a cluster or asks Sentinels.
 * @returns null if the connection works
 */
export async function findFault(target: RedisTarget): Promise<string | null> {
  return withDiagnosticClient(target, async (client) => {
    await client.ping();
    if (target.kind !== "cluster") return null;
    return (await namesItsNodes(client)) ? null : "CLUSTER_WITHOUT_HOSTS";
  });
}

/**
 * Whether a cluster says at which hosts its nodes are. A node that has never met another one does not know its own
 * address, and `cluster-preferred-endpoint-type unknown-endpoint` hides it. ioredis then finds no nodes.
 */
async function namesItsNodes(client: Redis): Promise<boolean> {
  const ranges = (await client.cluster("SLOTS")) as readonly (readonly unknown[])[];
  const nodes = ranges.flatMap((range) => range.slice(2)) as readonly (readonly unknown[])[];
  return nodes.length === 0 || nodes.some(([host]) => typeof host === "string" && host !== "");
}

/** Reads INFO of the first server, on a separate connection, because a proxy may close it instead of answering. */
export async function findServerInfo(target: RedisTarget): Promise<ServerInfo> {
  let text = "";
  await withDiagnosticClient(target, async (client) => {
    text = await client.info("server");
    return null;
  });
  return readServerInfo(text);
}

/** Reads the section `server` of INFO, in the form of Redis or Valkey. */
export function readServerInfo(text: string): ServerInfo {
  const field = (name: string): string | null =>
    new RegExp(`^${name}:([\\w.-]{1,40})\\r?$`, "m").exec(text)?.[1] ?? null;
  const name = field("server_name");
  return {
    product: name ?? (text === "" ? "unknown" : "redis"),
    version: (name === null ? null : field(`${name}_version`)) ?? field("redis_version"),
  };
}

async function withDiagnosticClient(
  target: RedisTarget,
  work: (client: Redis) => Promise<string | null>,
): Promise<string | null> {
  const client = createDiagnosticClient(target);
  const faults: string[] = [];
  client.on("error", (error: unknown) => {
    faults.push(faultOf(error));
  });
  try {
    return await withinLimit(
      LIMIT_MS,
      client.connect().then(() => work(client)),
    );
  } catch (error) {
    return isUnexplained(error) ? (faults[0] ?? faultOf(error)) : faultOf(error);
  } finally {
    client.disconnect();
  }
}
