import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Starts a program that does tasks. Each of the returned functions resolves when the process has done its task. */
function startProcess(file, tasks) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), { stdio: "inherit" });
  const ask = (kind) => (spec) =>
    new Promise((resolve, reject) => {
      child.once("message", ({ result, error }) => (error ? reject(new Error(error)) : resolve(result)));
      child.send({ kind, ...spec });
    });
  return { ...Object.fromEntries(tasks.map((kind) => [kind, ask(kind)])), stop: () => child.kill() };
}

/** Starts a process of subscribers without a client library. */
export const startSubscribers = () => startProcess("./live-process.js", ["open", "reset", "until", "delays"]);

/** Starts a process of subscribers with client libraries, which resume by cursor. */
export const startResumers = () => startProcess("./resume-process.js", ["open", "until", "report"]);
