import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Starts the load generator. @returns a function that runs one load and resolves to its result */
export function startLoad() {
  const child = fork(fileURLToPath(new URL("./load-process.js", import.meta.url)), { stdio: "inherit" });
  const load = (spec) =>
    new Promise((resolve, reject) => {
      child.once("message", ({ result, error }) => {
        if (error) reject(new Error(error));
        else if (result.failed + result.unanswered > 0) {
          const what = `${result.failed} failed and ${result.unanswered} got no answer: ${result.failure}`;
          reject(new Error(`Of the requests to ${spec.urls}, ${what}`));
        } else resolve(result);
      });
      child.send(spec);
    });
  return { load, stop: () => child.kill() };
}
