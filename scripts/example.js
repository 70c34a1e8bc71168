// Starts the gateway on the simulator, and the events page over it with Vite, so that changes to the page show at once.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { createLogger, createServer } from "vite";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const gateway = spawn(process.execPath, ["--enable-source-maps", "dist/main.js"], {
  cwd: ROOT,
  env: { ...process.env, PORT: process.env.PORT ?? "0" },
  stdio: ["ignore", "pipe", "inherit"],
});
let written = "";
const url = await new Promise((resolve, reject) => {
  gateway.once("exit", (code) => reject(new Error(`The gateway ended with ${code}.`)));
  gateway.stdout.on("data", (bytes) => {
    written += bytes;
    const [, found] = /^ready: (.+)$/m.exec(written) ?? [];
    if (found !== undefined) resolve(found);
  });
});
process.env.GATEWAY_URL = new URL("/", url).href.replace(/\/$/, "");
// A page that is closed resets its WebSocket. This is not an error.
const logger = createLogger("warn");
const customLogger = {
  ...logger,
  error: (text, options) => {
    if (!text.includes("ws proxy")) logger.error(text, options);
  },
};
const page = await createServer({ root: join(ROOT, "examples/events-page"), logLevel: "warn", customLogger });
await page.listen();
const [base = ""] = page.resolvedUrls?.local ?? [];
console.log(`gateway: ${url}\nevents page: ${base}events/running`);
const end = () => {
  gateway.kill("SIGINT");
  void page.close();
};
process.once("SIGINT", end);
process.once("SIGTERM", end);
