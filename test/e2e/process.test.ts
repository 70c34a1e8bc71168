import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { type GatewayProcess, MAIN, runGateway, startGateway } from "../support/processes/gateway-process.js";
import { eventually } from "../support/eventually.js";
import { ask } from "../support/processes/gateway-client.js";
import {
  after,
  hang,
  json,
  type ScriptedUpstream,
  startScriptedUpstream,
} from "../support/virtual/scripted-upstream.js";

const at = (gateway: GatewayProcess, path: string): string => new URL(path, gateway.url).href;

async function statusOf(url: string): Promise<number> {
  const answered = await request(url);
  await answered.body.dump();
  return answered.statusCode;
}

async function typename(url: string): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  return (await request(url, { method: "POST", headers, body: '{"query":"{ __typename }"}' })).body.json();
}

/** A POST whose last byte the test sends later, so it stays in flight until then. */
async function startPost(gateway: GatewayProcess): Promise<{ finish(): void; answer: Promise<string> }> {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  await once(socket, "connect");
  const body = '{"query":"{ __typename }"}';
  const head = `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nexpect: 100-continue\r\n\r\n`;
  socket.write(head);
  // The server's leave to go on shows that it has the request.
  await once(socket, "readable");
  const leave = String(socket.read());
  if (!leave.startsWith("HTTP/1.1 100")) throw new Error(leave);
  socket.write(body.slice(0, -1));
  return {
    finish: () => {
      socket.write("}");
    },
    answer: text(socket),
  };
}

describe("start", () => {
  test("without any setting: the simulator and a private cache, both named in the first log line", async () => {
    const gateway = await startGateway();
    expect(gateway.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/graphql$/);
    expect(await typename(gateway.url)).toEqual({ data: { __typename: "Query" } });
    const { exitCode, stdout, stderr } = await gateway.stop();
    const [first = ""] = stdout.split("\n").filter((line) => line.startsWith("{"));
    expect(first).toMatch(/simulator.*memory/);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  });

  test.each(["silent", "fatal"])("at LOG_LEVEL=%s only the URL is written", async (LOG_LEVEL) => {
    const gateway = await startGateway({ LOG_LEVEL });
    const { stdout } = await gateway.stop();
    expect(stdout).toBe(`ready: ${gateway.url}\n`);
  });

  test("listens on every address and prints one that can be opened", async () => {
    const gateway = await startGateway({ HOST: "0.0.0.0" });
    expect(gateway.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    await gateway.stop();
  });

  test("reads .env; the environment has precedence", async () => {
    const envFile = "INTROSPECTION=off\nLOG_LEVEL=silent\nPORT=1\n";
    const gateway = await startGateway({ LOG_LEVEL: "info" }, { envFile });
    expect(await statusOf(at(gateway, "/"))).toBe(404);
    const { stdout, stderr } = await gateway.stop();
    expect(stdout).toContain('"level":"info"');
    expect(stderr).toBe("");
  });

  test("a port in use ends it with code 1 and a line", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const PORT = String((taken.address() as AddressInfo).port);
    const { exitCode, stderr, stdout } = await (await runGateway({ PORT, LOG_LEVEL: "silent" })).ended;
    taken.close();
    expect({ exitCode, stderr, stdout }).toEqual({
      exitCode: 1,
      stderr: `PORT: ${PORT} on 127.0.0.1 is in use; stop the program that listens there, or set another PORT\n`,
      stdout: "",
    });
  });

  test("invalid settings end it with code 78 and a line each, without any secret", async () => {
    const { ended } = await runGateway(
      { MODELARTS_AUTH: "aksk", HUAWEICLOUD_SDK_SK: "hunter2", REDIS_URL: "http://:hunter2@r" },
      { envFile: "REQUEST_TIMEOUT_MS=soon\nIAM_PASSWORD=hunter2" },
    );
    const { exitCode, stderr, stdout } = await ended;
    expect(exitCode).toBe(78);
    expect(stdout).toBe("");
    expect(stderr.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^REDIS_URL: .+; allowed: /),
      expect.stringMatching(/^REQUEST_TIMEOUT_MS: "soon" .+; allowed: /),
      expect.stringMatching(/^HUAWEICLOUD_SDK_AK: is not set, .+; allowed: /),
      expect.stringMatching(/^JWT_JWKS_URL: is not set, .+; allowed: .+, or ALLOW_ANONYMOUS=true$/),
    ]);
    expect(stderr).not.toContain("hunter2");
  });
});

describe("stop", () => {
  let upstream: ScriptedUpstream;
  beforeEach(async () => {
    upstream = await startScriptedUpstream();
  });
  afterEach(() => upstream.close());

  /** A gateway with such limits of a shutdown, whose operations have ten minutes. */
  const start = (delayMs: string, graceMs: string): Promise<GatewayProcess> =>
    startGateway({
      MODELARTS_ENDPOINT: upstream.endpoint,
      MODELARTS_AUTH: "none",
      MODELARTS_PROJECT_ID: "project",
      UPSTREAM_TIMEOUT_MS: "300000",
      REQUEST_TIMEOUT_MS: "600000",
      SHUTDOWN_DELAY_MS: delayMs,
      SHUTDOWN_GRACE_MS: graceMs,
    });
  const total = (gateway: GatewayProcess) =>
    ask(gateway.url, '{ trainingJob(id: "job") { events { totalCount } } }');

  test("SIGTERM: not ready at once, and connections for the delay", async () => {
    const gateway = await start("300000", "600000");
    expect(await statusOf(at(gateway, "/readyz"))).toBe(200);
    const post = await startPost(gateway);
    gateway.signal("SIGTERM");
    await eventually(async () => (await statusOf(at(gateway, "/readyz"))) === 503);
    expect(await statusOf(at(gateway, "/healthz"))).toBe(200);
    expect(await typename(gateway.url)).toEqual({ data: { __typename: "Query" } });
    gateway.signal("SIGTERM");
    gateway.signal("SIGINT");
    post.finish();
    const answer = await post.answer;
    expect(answer).toContain("HTTP/1.1 200 ");
    expect(answer).toContain('{"data":{"__typename":"Query"}}');
    gateway.signal("SIGKILL");
    await gateway.ended;
  });

  test("SIGTERM: no connections after the delay, requests in flight are answered, exit 0", async () => {
    let answerUpstream = (): void => undefined;
    const gate = new Promise<void>((resolve) => (answerUpstream = resolve));
    upstream.script(after(gate, json(200, { total: 0, events: [] })));
    const gateway = await start("100", "600000");
    const inFlight = total(gateway);
    await eventually(() => upstream.requests.length === 1);
    gateway.signal("SIGTERM");
    await eventually(() =>
      statusOf(at(gateway, "/readyz")).then(
        () => false,
        () => true,
      ),
    );
    answerUpstream();
    expect(await inFlight).toMatchObject({
      status: 200,
      data: { trainingJob: { events: { totalCount: 0 } } },
    });
    expect((await gateway.ended).exitCode).toBe(0);
  });

  test("SIGINT: no delay", async () => {
    const gateway = await start("300000", "600000");
    expect((await gateway.stop()).exitCode).toBe(0);
  });

  test("the process ends within the grace, whatever is in flight", async () => {
    upstream.script(hang);
    const gateway = await start("0", "500");
    // Nothing but the grace ends this one within the time of a test.
    const inFlight = total(gateway).catch(() => "cut");
    await eventually(() => upstream.requests.length === 1);
    gateway.signal("SIGTERM");
    expect((await gateway.ended).exitCode).toBe(0);
    await inFlight;
  });

  test("npm start passes the signal on", async () => {
    const gateway = await startGateway({ SHUTDOWN_DELAY_MS: "0" }, { npmStart: true });
    gateway.signal("SIGTERM");
    const { stdout } = await gateway.ended;
    expect(stdout).toMatch(/"msg":"Stopped"/);
    await expect(statusOf(gateway.url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

test("SIGTERM before it is ready ends it with code 0, and without a ready line", async () => {
  // No port is opened before the signal has arrived. A timer keeps the process alive meanwhile.
  const holdListen = `
    import { Server } from "node:net";
    const { listen } = Server.prototype;
    Server.prototype.listen = function (...address) {
      const alive = setInterval(() => undefined, 1000);
      process.once("SIGTERM", () => {
        clearInterval(alive);
        Server.prototype.listen = listen;
        this.listen(...address);
      });
      process.stdout.write("held\\n");
      return this;
    };`;
  const running = await runGateway({
    LOG_LEVEL: "info",
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(holdListen)}`,
  });
  await eventually(() => running.stdout.includes("held"));
  running.signal("SIGTERM");
  const { exitCode, stdout } = await running.ended;
  expect(exitCode).toBe(0);
  expect(stdout).toContain('"Stopping"');
  expect(stdout).not.toContain("ready:");
});

test("a log without a reader does not keep the process from ending", async () => {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env["PATH"] ?? "", PORT: "0", SHUTDOWN_GRACE_MS: "5000" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  let stdout = "";
  const read = (text: Buffer): void => {
    stdout += String(text);
  };
  child.stdout.on("data", read);
  await eventually(() => stdout.includes("ready: "));
  child.stdout.off("data", read).pause();
  const url = /ready: (.+)/.exec(stdout)?.[1] ?? "";
  const name = "N".repeat(100);
  // Each line is 300 bytes and more; a pipe holds 64 KiB, and its reader's end some more.
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(Array.from({ length: 100 }, () => ask(url, `query ${name} { __typename }`)));
  }
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});

test("metrics on a separate port", async () => {
  const gateway = await startGateway({ METRICS_PORT: "0" });
  const line = await new Promise<string>((resolve) => {
    void eventually(() => {
      const found = /"port":(\d+)/.exec(gateway.stdout())?.[1];
      if (found !== undefined) resolve(found);
      return found !== undefined;
    });
  });
  const own = `http://127.0.0.1:${line}`;
  expect(await statusOf(at(gateway, "/metrics"))).toBe(404);
  expect(await statusOf(at(gateway, "/healthz"))).toBe(200);
  for (const path of ["/metrics", "/healthz", "/readyz"]) expect(await statusOf(own + path)).toBe(200);
  expect(await statusOf(`${own}/graphql`)).toBe(404);
  await gateway.stop();
});

test("variables that have no effect are named in the log, without their values", async () => {
  const gateway = await startGateway({ UPSTREAM_TIMEOUTMS: "hunter2", IAM_PASSWORD: "hunter2" });
  const { stdout } = await gateway.stop();
  expect(stdout).toContain("UPSTREAM_TIMEOUTMS is not a setting; did you mean UPSTREAM_TIMEOUT_MS?");
  expect(stdout).toContain("IAM_PASSWORD is not read with MODELARTS_AUTH=none");
  expect(stdout).not.toContain("hunter2");
});
