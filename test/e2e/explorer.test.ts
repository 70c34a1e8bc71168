import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { request } from "undici";
import { startToyGateway, type ToyGateway } from "../support/processes/stub-http-gateway.js";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let toy: ToyGateway;
let profile: string;
let browser: BrowserContext;
beforeAll(async () => {
  toy = await startToyGateway();
  profile = await mkdtemp(join(tmpdir(), "chromium-"));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env["CHROMIUM_BIN"] ?? "/usr/bin/chromium",
    args: FLAGS,
  });
  // Apollo's CDN, among others, is out of reach for these tests wherever they run.
  await browser.route(
    (url) => url.hostname !== "127.0.0.1",
    (route) => route.abort(),
  );
});
afterAll(async () => {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
  await toy.close();
});

async function open(path: string): Promise<{ page: Page; violations: string[] }> {
  const page = await browser.newPage();
  const violations: string[] = [];
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) violations.push(message.text());
  });
  page.on("pageerror", (error) => violations.push(error.message));
  await page.goto(`${toy.url}${path}`);
  return { page, violations };
}

describe("without Apollo's CDN", () => {
  test.each(["/", "/graphql"])("%s runs its first query from the keyboard", async (path) => {
    const { page, violations } = await open(path);
    expect(await page.getByLabel("Query").inputValue()).toBe("query Hello { hello }");
    expect(JSON.parse(await page.getByLabel("Variables").inputValue())).toEqual({ a: "</script>" });
    await page.getByLabel("X-Auth-Token").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const answer = page.getByRole("status", { name: "Answer" });
    await answer.getByText("world").waitFor();
    expect(JSON.parse((await answer.textContent()) ?? "")).toEqual({ data: { hello: "world" } });
    expect(violations).toEqual([]);
    await page.close();
  });

  test("sends the token, and says what is wrong with variables that are no JSON", async () => {
    const { page } = await open("/");
    await page.getByLabel("X-Auth-Token").fill("my-token");
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByRole("status").getByText("world").waitFor();
    expect(toy.facts.at(-1)?.authToken).toBe("my-token");
    expect(await page.getByText("subscriptions do not").isVisible()).toBe(true);
    await page.getByLabel("Variables").fill("{");
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByRole("status").getByText("Not asked").waitFor();
    await page.close();
  });

  test("sends Authorization where that is filled in, and no token with it", async () => {
    const { page } = await open("/");
    await page.getByLabel("Authorization").fill("Bearer my-jwt");
    const sent = page.waitForRequest((asked) => asked.method() === "POST");
    await page.getByRole("button", { name: "Run" }).click();
    const headers = await (await sent).allHeaders();
    expect(headers["authorization"]).toBe("Bearer my-jwt");
    expect(headers).not.toHaveProperty("x-auth-token");
    await page.getByRole("status").getByText("world").waitFor();
    await page.close();
  });
});

/** Runs in the page: what the address that Sandbox is given for subscriptions says first. */
const FIRST_MESSAGE = `new Promise((resolve, reject) => {
  const socket = new WebSocket(window.given.initialSubscriptionEndpoint, "graphql-transport-ws");
  socket.onopen = () => socket.send('{"type":"connection_init"}');
  socket.onmessage = ({ data }) => { resolve(JSON.parse(data)); socket.close(); };
  socket.onclose = reject;
})`;

test("with Apollo's CDN, Sandbox takes the page over with the same query", async () => {
  const sandbox = "https://embeddable-sandbox.cdn.apollographql.com/**";
  const body = "window.EmbeddedSandbox = class { constructor(options) { window.given = options; } };";
  await browser.route(sandbox, (route) => route.fulfill({ contentType: "text/javascript", body }));
  const { page, violations } = await open("/");
  await page.getByRole("heading", { name: "ModelArts events gateway" }).waitFor({ state: "hidden" });
  expect(await page.evaluate("window.given")).toEqual({
    target: "#sandbox",
    initialEndpoint: `${toy.url}/graphql`,
    initialSubscriptionEndpoint: `${toy.url.replace("http:", "ws:")}/graphql`,
    initialState: { document: "query Hello { hello }", variables: { a: "</script>" } },
    endpointIsEditable: false,
    allowDynamicStyles: false,
    runTelemetry: false,
  });
  // Sandbox has the page that embeds it open its WebSockets.
  expect(await page.evaluate(FIRST_MESSAGE)).toEqual({ type: "connection_ack" });
  expect(violations).toEqual([]);
  await page.close();
  await browser.unroute(sandbox);
});

describe("who gets the page", () => {
  const ask = (path: string, accept: string, at = toy.url) =>
    request(`${at}${path}`, { headers: { accept } });

  test("browsers, protected against scripts and frames of others", async () => {
    const { headers, body } = await ask("/graphql", "text/html,*/*;q=0.8");
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toMatch(
      /default-src 'none'; script-src 'nonce-[\w+/=]+'.*frame-ancestors 'none'/,
    );
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "same-origin" });
    expect(await body.text()).not.toContain('"</script>"');
  });

  test("not those who query", async () => {
    const { headers, body } = await ask("/graphql?query=%7Bhello%7D", "text/html");
    expect(headers["content-type"]).not.toContain("text/html");
    await body.dump();
    expect((await ask("/graphql", "application/json")).statusCode).toBe(400);
  });

  test("nobody where introspection is off", async () => {
    const shut = await startToyGateway({ explorer: null });
    const answers = [await ask("/", "text/html", shut.url), await ask("/graphql", "text/html", shut.url)];
    for (const { body } of answers) await body.dump();
    await shut.close();
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 406]);
  });
});
