import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../eventually.js";
import { freePort } from "./free-port.js";

/** A separate tinyproxy on loopback. */
export type HttpProxy = {
  /** The URL, with user and password if the proxy requires them. */
  readonly url: string;
  /** Its log: a line for each CONNECT and each request. */
  readonly log: () => Promise<string>;
  readonly stop: () => Promise<void>;
};

export async function startHttpProxy(
  user: { name: string; password: string } | null = null,
): Promise<HttpProxy> {
  const directory = await mkdtemp(join(tmpdir(), "proxy-"));
  const port = await freePort();
  const logFile = join(directory, "log");
  const settings = [
    `Port ${port}`,
    "Listen 127.0.0.1",
    "Timeout 60",
    "Allow 127.0.0.1",
    `LogFile "${logFile}"`,
    "LogLevel Connect",
    ...(user === null ? [] : [`BasicAuth ${user.name} ${user.password}`]),
  ];
  const settingsFile = join(directory, "tinyproxy.conf");
  await writeFile(settingsFile, `${settings.join("\n")}\n`);
  const child = spawn("tinyproxy", ["-d", "-c", settingsFile], { stdio: "ignore" });
  const ended = once(child, "close");
  const log = (): Promise<string> => readFile(logFile, "utf8").catch(() => "");
  await eventually(() => isListening(port));
  const credentials = user === null ? "" : `${user.name}:${encodeURIComponent(user.password)}@`;
  return {
    url: `http://${credentials}127.0.0.1:${port}`,
    log,
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => {
      resolve(false);
    });
  });
}
