import { connect, createServer, type Socket } from "node:net";
import { type AddressInfo } from "node:net";

/** A proxy of one Redis that closes connections with commands that many proxies do not support. */
export type StrictProxy = { readonly url: string; close(): Promise<void> };

const REFUSED = /\r\n(HELLO|INFO|CLIENT|CLUSTER|COMMAND)\r\n/i;

/** @param port of the Redis */
export async function startStrictProxy(port: number): Promise<StrictProxy> {
  const open = new Set<Socket>();
  const server = createServer((caller) => {
    const redis = connect(port, "127.0.0.1");
    for (const socket of [caller, redis]) {
      open.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        open.delete(socket);
        (socket === caller ? redis : caller).destroy();
      });
    }
    caller.on("data", (data) => {
      if (REFUSED.test(data.toString("latin1"))) caller.destroy();
      else redis.write(data);
    });
    redis.pipe(caller);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `redis://127.0.0.1:${own}`,
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}
