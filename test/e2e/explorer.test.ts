import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { request } from "undici";
import { eventually } from "../support/eventually.js";
import { startGateway } from "../support/processes/gateway-process.js";
import { startStubGateway, type StubGateway } from "../support/processes/stub-http-gateway.js";

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

let gateway: StubGateway;
let profile: string;
let browser: BrowserContext;
beforeAll(async () => {
  gateway = await startStubGateway();
  profile = await mkdtemp(join(tmpdir(), "chromium-"));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env["CHROMIUM_BIN"] ?? "/usr/bin/chromium",
    args: FLAGS,
  });
  // The editors take some seconds on a busy machine.
  browser.setDefaultTimeout(90_000);
  // Apollo's CDN, among others, is out of reach for these tests wherever they run.
  await browser.route(
    (url) => url.hostname !== "127.0.0.1",
    (route) => route.abort(),
  );
});
afterAll(async () => {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
  await gateway.close();
});

async function open(path: string): Promise<{ page: Page; violations: string[] }> {
  const page = await browser.newPage();
  const violations: string[] = [];
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) violations.push(message.text());
  });
  page.on("pageerror", (error) => violations.push(error.message));
  await page.goto(`${gateway.url}${path}`);
  return { page, violations };
}

const editorOf = (page: Page) => page.locator(".graphiql-query-editor .view-lines").first();

describe("without Apollo's CDN", () => {
  test.each(["/", "/graphql"])(
    "%s leads to GraphiQL, which runs its first query from the keyboard",
    async (path) => {
      const { page, violations } = await open(path);
      await page.waitForURL(`${gateway.url}/graphiql`);
      await editorOf(page).getByText("Hello").first().waitFor();
      await editorOf(page).click();
      await page.keyboard.press("Control+Enter");
      await page.locator(".graphiql-response").getByText("world").first().waitFor();
      expect(violations).toEqual([]);
      await page.close();
    },
  );

  test("GraphiQL loads only from the gateway, without an error", async () => {
    const page = await browser.newPage();
    const asked: string[] = [];
    const failed: string[] = [];
    page.on("request", (sent) => asked.push(new URL(sent.url()).protocol + new URL(sent.url()).host));
    page.on("requestfailed", (sent) => failed.push(sent.url()));
    page.on("response", (answer) => answer.status() >= 400 && failed.push(answer.url()));
    page.on("console", (message) => message.type() === "error" && failed.push(message.text()));
    await page.goto(`${gateway.url}/graphiql`);
    await page.getByRole("button", { name: /execute/i }).waitFor();
    await editorOf(page).getByText("Hello").first().waitFor();
    await page.getByRole("button", { name: "Show GraphiQL Explorer" }).click();
    await page.locator(".graphiql-plugin").getByText("hello").first().waitFor();
    const own = [`http:${new URL(gateway.url).host}`, "data:", "blob:"];
    expect(asked.filter((one) => !own.includes(one) && !one.startsWith("blob:"))).toEqual([]);
    expect(failed).toEqual([]);
    await page.close();
  });

  test("on a narrow screen the answer is below the operation, as wide as that", async () => {
    const { page, violations } = await open("/graphiql");
    await page.setViewportSize({ width: 390, height: 800 });
    await editorOf(page).getByText("Hello").first().waitFor();
    const boxOf = (part: string) => page.locator(part).boundingBox();
    await eventually(async () => {
      const [operation, answer] = [await boxOf(".graphiql-query-editor"), await boxOf(".graphiql-response")];
      return operation !== null && answer !== null && answer.y > operation.y && answer.width > 250;
    });
    expect(violations).toEqual([]);
    await page.close();
  });

  test("its files are compressed, have an ETag, and come only from their folder", async () => {
    const { statusCode, headers, body } = await request(`${gateway.url}/graphiql/assets/main.js`, {
      headers: { "accept-encoding": "gzip" },
    });
    await body.dump();
    expect([statusCode, headers["content-encoding"], headers["content-type"]]).toEqual([
      200,
      "gzip",
      "text/javascript; charset=utf-8",
    ]);
    const again = await request(`${gateway.url}/graphiql/assets/main.js`, {
      headers: { "accept-encoding": "gzip", "if-none-match": String(headers["etag"]) },
    });
    await again.body.dump();
    expect(again.statusCode).toBe(304);
    for (const name of ["..%2f..%2fmain.js", "%2e%2e%2fmain.js", "no-such.js", "main.js.gz"]) {
      const missing = await request(`${gateway.url}/graphiql/assets/${name}`);
      await missing.body.dump();
      expect(missing.statusCode).toBe(404);
    }
  });
});

test("GraphiQL follows a log", async () => {
  const gateway = await startGateway();
  const page = await browser.newPage();
  await page.goto(new URL("graphiql", gateway.url).href);
  // Until the editor is there, another tab's text would be overwritten by the first one's.
  await editorOf(page).getByText("FirstEvents").first().waitFor();
  await page.getByRole("button", { name: "FollowEvents" }).click();
  await editorOf(page).getByText("FollowEvents").first().waitFor();
  await page.getByRole("button", { name: /execute/i }).click();
  await page.locator(".graphiql-response").getByText("trainingJobEvents").first().waitFor();
  await page.locator(".graphiql-response").getByText("cursor").first().waitFor();
  await page.close();
  await gateway.stop();
});

/** Runs in the page: returns the first message from the address that Sandbox gets for subscriptions. */
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
  await page.getByRole("link", { name: "Open GraphiQL" }).waitFor({ state: "hidden" });
  expect(await page.evaluate("window.given")).toEqual({
    target: "#sandbox",
    initialEndpoint: `${gateway.url}/graphql`,
    initialSubscriptionEndpoint: `${gateway.url.replace("http:", "ws:")}/graphql`,
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

describe("the page is sent to", () => {
  const ask = (path: string, accept: string, at = gateway.url) =>
    request(`${at}${path}`, { headers: { accept } });

  test("browsers, protected against scripts and frames of other sites", async () => {
    const { headers, body } = await ask("/graphql", "text/html,*/*;q=0.8");
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toMatch(
      /default-src 'none'; script-src 'nonce-[\w+/=]+'.*frame-ancestors 'none'/,
    );
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "same-origin" });
    expect(await body.text()).not.toContain('"</script>"');
  });

  test("not to GraphQL clients", async () => {
    const { headers, body } = await ask("/graphql?query=%7Bhello%7D", "text/html");
    expect(headers["content-type"]).not.toContain("text/html");
    await body.dump();
    expect((await ask("/graphql", "application/json")).statusCode).toBe(400);
  });

  test("no client if introspection is off", async () => {
    const shut = await startStubGateway({ explorer: null });
    const answers = [await ask("/", "text/html", shut.url), await ask("/graphql", "text/html", shut.url)];
    for (const { body } of answers) await body.dump();
    await shut.close();
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 406]);
  });
});
