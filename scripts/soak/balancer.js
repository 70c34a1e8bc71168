// A balancer of TCP connections, like a Service of Kubernetes. A new connection goes to the next backend whose /readyz
// is 200; open connections stay at their backend.
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const CHECK_EVERY_MS = 100;
const TRIES = 300;

export async function startBalancer() {
  /** Whether each backend is ready, by its origin. */
  const backends = new Map();
  const sockets = new Set();
  let turn = 0;

  const server = createServer((client) => {
    const ready = [...backends].filter(([, isReady]) => isReady).map(([origin]) => origin);
    if (ready.length === 0) {
      client.destroy();
      return;
    }
    turn += 1;
    const backend = connect(Number(new URL(ready[turn % ready.length]).port), "127.0.0.1");
    for (const [from, to] of [
      [client, backend],
      [backend, client],
    ]) {
      from.setNoDelay(true);
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroySoon();
      });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  const check = async (origin) => {
    const answer = await fetch(`${origin}/readyz`).catch(() => null);
    await answer?.text();
    if (backends.has(origin)) backends.set(origin, answer?.status === 200);
  };
  let isOpen = true;
  const checks = (async () => {
    while (isOpen) {
      await Promise.all([...backends.keys()].map(check));
      await wait(CHECK_EVERY_MS);
    }
  })();

  return {
    url: `http://127.0.0.1:${server.address().port}/graphql`,
    /** Resolves when the backend is ready. */
    add: async (origin) => {
      backends.set(origin, false);
      for (let tries = 0; backends.get(origin) === false; tries += 1) {
        if (tries === TRIES) throw new Error(`${origin} does not become ready.`);
        await wait(CHECK_EVERY_MS);
      }
    },
    remove: (origin) => backends.delete(origin),
    stop: async () => {
      isOpen = false;
      await checks;
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
