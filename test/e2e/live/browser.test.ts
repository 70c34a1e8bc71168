import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { eventually } from "../../support/eventually.js";
import { startRestartableGateway } from "../../support/processes/restartable-gateway.js";
import { FOLLOW } from "../../support/live/live-clients.js";

let gateway: GatewayProcess;
/** A page of another origin. */
let elsewhere: Server;
let profile: string;
let browser: BrowserContext;
beforeAll(async () => {
  gateway = await startGateway({ CORS_ORIGINS: "https://app.example" });
  elsewhere = createServer((_request, response) => {
    response.setHeader("content-type", "text/html").end("<title>Elsewhere</title>");
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  profile = await mkdtemp(join(tmpdir(), "chromium-"));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env["CHROMIUM_BIN"] ?? "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
    ],
  });
});
afterAll(async () => {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
  elsewhere.close();
  await gateway.stop();
});

async function open(url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(url);
  return page;
}

const variables = { id: "events-100", last: 2 };

/** The result of a page's WebSocket: the first batch, or the close code. */
function followByWebSocket(page: Page): Promise<unknown> {
  const url = gateway.url.replace(/^http/, "ws");
  const subscribe = { id: "1", type: "subscribe", payload: { query: FOLLOW, variables } };
  return page.evaluate(`new Promise((resolve) => {
    const socket = new WebSocket(${JSON.stringify(url)}, "graphql-transport-ws");
    socket.onopen = () => socket.send('{"type":"connection_init"}');
    socket.onclose = ({ code }) => resolve({ code });
    socket.onmessage = ({ data }) => {
      const { type, payload } = JSON.parse(data);
      if (type === "connection_ack") socket.send(${JSON.stringify(JSON.stringify(subscribe))});
      else { resolve(payload); socket.close(); }
    };
  })`);
}

/** The same by the browser's own EventSource. */
function followByEventSource(page: Page): Promise<unknown> {
  const search = new URLSearchParams({ query: FOLLOW, variables: JSON.stringify(variables) }).toString();
  return page.evaluate(`new Promise((resolve) => {
    const source = new EventSource(${JSON.stringify(`${gateway.url}/stream?${search}`)});
    source.onerror = () => { resolve("error"); source.close(); };
    source.addEventListener("next", ({ data }) => { resolve(JSON.parse(data)); source.close(); });
  })`);
}

test("a page of the gateway's own origin follows a log with only browser APIs", async () => {
  const page = await open(new URL("/healthz", gateway.url).href);
  for (const follow of [followByWebSocket, followByEventSource]) {
    const { data } = (await follow(page)) as { data: { trainingJobEvents: { edges: unknown[] } } };
    expect(data.trainingJobEvents.edges).toHaveLength(2);
  }
  await page.close();
});

test("a page of another origin does not", async () => {
  const page = await open(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`);
  expect(await followByWebSocket(page)).toEqual({ code: 1006 });
  expect(await followByEventSource(page)).toBe("error");
  await page.close();
});

test("a browser's EventSource resumes after the gateway was killed, each event once", async () => {
  const restartable = await startRestartableGateway();
  const job = "resumed";
  const written = restartable.write(job, 5);
  const page = await open(new URL("/healthz", restartable.url).href);
  const search = new URLSearchParams({ query: FOLLOW, variables: JSON.stringify({ id: job, last: 2 }) });
  await page.evaluate(`{
    window.seen = [];
    const source = new EventSource(${JSON.stringify(`${restartable.url}/stream?${search.toString()}`)});
    source.addEventListener("next", ({ data }) => {
      const { edges } = JSON.parse(data).data.trainingJobEvents;
      window.seen.push(...edges.map(({ node }) => node.message));
    });
  }`);
  const seen = (): Promise<string[]> => page.evaluate("window.seen");
  await eventually(async () => (await seen()).length === 2);
  await restartable.kill();
  written.push(...restartable.write(job, 7));
  await restartable.start();
  await eventually(async () => (await seen()).length >= 9);
  written.push(...restartable.write(job, 1));
  await eventually(async () => (await seen()).length >= 10);
  expect(await seen()).toEqual(written.slice(-10));
  await page.close();
  await restartable.close();
});

test("a browser's EventSource stops after a final error", async () => {
  const page = await open(new URL("/healthz", gateway.url).href);
  const search = (id: string): string =>
    new URLSearchParams({ query: FOLLOW, variables: JSON.stringify({ id }) }).toString();
  // The browser reconnects after the final error, is answered by 204, and gives up.
  const states = await page.evaluate(`new Promise((resolve) => {
    const source = new EventSource(${JSON.stringify(`${gateway.url}?${search("no-such-job")}`)});
    const results = [];
    source.addEventListener("next", ({ data }) => results.push(JSON.parse(data)));
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) resolve({ results });
    };
  })`);
  expect(states).toMatchObject({
    results: [{ errors: [{ extensions: { code: "TRAINING_JOB_NOT_FOUND" } }] }],
  });
  await page.close();
});
