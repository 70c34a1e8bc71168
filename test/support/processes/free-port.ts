import { createServer } from "node:net";

/** Below the ports that systems give to outgoing connections, which could take one while its server is down. */
const FIRST_PORT = 10_000;
/** The other port of a node of a Redis Cluster is above its own by this. */
const BUS_OFFSET = 10_000;
/** Jest's workers have shares of their own, so that no two of them pick the same port before either has bound it. */
const SHARES = 16;
const SHARE = Math.floor(BUS_OFFSET / SHARES);

const given = new Set<number>();

/** A free port whose cluster-bus port is also free; never the same one twice in a test file. */
export async function freePort(): Promise<number> {
  const first = FIRST_PORT + (Number(process.env["JEST_WORKER_ID"] ?? 0) % SHARES) * SHARE;
  for (;;) {
    const port = first + Math.floor(Math.random() * SHARE);
    if (given.has(port)) continue;
    given.add(port);
    if ((await isFree(port)) && (await isFree(port + BUS_OFFSET))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => {
      resolve(false);
    });
    server.listen(port, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
