import { type Redis } from "ioredis";
import { withinLimit } from "../time-limit.js";
import { createScout } from "./redis-client.js";
import { faultOf, isUnexplained } from "./redis-fault.js";
import { type RedisTarget } from "./redis-url.js";

/** What a server says of itself; null where it does not say. */
export type ServerInfo = { readonly product: string; readonly version: string | null };

const LIMIT_MS = 2_000;

/**
 * Finds out why a server cannot be reached: ioredis drops the cause where it discovers a cluster or asks Sentinels.
 * @returns null where nothing is wrong with the connection
 */
export async function findFault(target: RedisTarget): Promise<string | null> {
  return withScout(target, async (scout) => {
    await scout.ping();
    return null;
  });
}

/** Asks the first server what it is, over a connection of its own: a proxy may close it instead of an answer. */
export async function findServerInfo(target: RedisTarget): Promise<ServerInfo> {
  let text = "";
  await withScout(target, async (scout) => {
    text = await scout.info("server");
    return null;
  });
  return readServerInfo(text);
}

/** Reads the section `server` of INFO, as Redis and Valkey write it. */
export function readServerInfo(text: string): ServerInfo {
  const field = (name: string): string | null =>
    new RegExp(`^${name}:([\\w.-]{1,40})\\r?$`, "m").exec(text)?.[1] ?? null;
  const name = field("server_name");
  return {
    product: name ?? (text === "" ? "unknown" : "redis"),
    version: (name === null ? null : field(`${name}_version`)) ?? field("redis_version"),
  };
}

async function withScout(target: RedisTarget, work: (scout: Redis) => Promise<null>): Promise<string | null> {
  const scout = createScout(target);
  const faults: string[] = [];
  scout.on("error", (error: unknown) => {
    faults.push(faultOf(error));
  });
  try {
    return await withinLimit(
      LIMIT_MS,
      scout.connect().then(() => work(scout)),
    );
  } catch (error) {
    return isUnexplained(error) ? (faults[0] ?? faultOf(error)) : faultOf(error);
  } finally {
    scout.disconnect();
  }
}
