// The Redis and the gateways of a run, and the faults that happen to them.
import { clearInterval, setInterval } from "node:timers";
import process from "node:process";
import { startGateway, startRedis } from "../soak/children.js";

/** A slow Redis stops and continues in turns of this length, so that some commands are in time and others are not. */
const SLOW_TURN_MS = 30;

export async function startSharedRedis() {
  let redis = await startRedis();
  const { port, url } = redis;
  let state = "up";
  let turns;
  const send = (signal) => process.kill(redis.pid, signal);

  const undo = {
    up: () => undefined,
    killed: async () => {
      redis = await startRedis(port);
    },
    paused: () => send("SIGCONT"),
    slow: () => {
      clearInterval(turns);
      send("SIGCONT");
    },
  };
  const begin = {
    up: () => undefined,
    killed: () => redis.stop("SIGKILL"),
    paused: () => send("SIGSTOP"),
    slow: () => {
      let isStopped = false;
      turns = setInterval(() => {
        isStopped = !isStopped;
        send(isStopped ? "SIGSTOP" : "SIGCONT");
      }, SLOW_TURN_MS);
    },
  };
  return {
    url,
    /** @param next "up", "killed", "paused" or "slow"; a killed Redis starts anew and empty when the state ends */
    become: async (next) => {
      if (next === state) return;
      await undo[state]();
      state = next;
      await begin[next]();
    },
    stop: () => {
      clearInterval(turns);
      return redis.stop("SIGKILL");
    },
  };
}

export async function startGateways(settings, count) {
  const slots = await Promise.all(
    Array.from({ length: count }, async () => ({ gateway: await startGateway(settings), kills: 0 })),
  );
  /** The restarts that have not ended, by slot. */
  const restarts = new Map();

  async function restart(slot) {
    const { gateway } = slot;
    slot.gateway = null;
    slot.kills += 1;
    await gateway.stop("SIGKILL");
    slot.gateway = await startGateway(settings);
    restarts.delete(slot);
  }
  return {
    slots,
    /** Kills a gateway and starts another one in its place, if it runs. @returns whether it did */
    replace: (index) => {
      const slot = slots[index];
      if (slot.gateway === null) return false;
      restarts.set(slot, restart(slot));
      return true;
    },
    /** Waits until all gateways run. */
    areUp: () => Promise.all(restarts.values()),
    stop: () => Promise.all(slots.map(({ gateway }) => gateway?.stop("SIGKILL"))),
  };
}
