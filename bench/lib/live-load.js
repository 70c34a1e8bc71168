import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Starts a process of subscribers. Each of the returned functions resolves when the process has done its task. */
export function startSubscribers() {
  const child = fork(fileURLToPath(new URL("./live-process.js", import.meta.url)), { stdio: "inherit" });
  const ask = (kind) => (spec) =>
    new Promise((resolve, reject) => {
      child.once("message", ({ result, error }) => (error ? reject(new Error(error)) : resolve(result)));
      child.send({ kind, ...spec });
    });
  return {
    open: ask("open"),
    reset: ask("reset"),
    until: ask("until"),
    delays: ask("delays"),
    stop: () => child.kill(),
  };
}
