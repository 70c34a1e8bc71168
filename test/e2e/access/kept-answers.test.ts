import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { generateKeyPair } from "jose";
import { request } from "undici";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { ACCESS_KEY, signedBy } from "../../support/access/access-key.js";
import { eventually } from "../../support/eventually.js";
import { JwtIssuer } from "../../support/access/jwt-issuer.js";
import { metricOf } from "../../support/processes/load.js";
import { startInProcessGateway, type InProcessGateway } from "../../support/processes/in-process-gateway.js";

const QUERY = `{ trainingJob(id: "events-101") { events(first: 3) { totalCount nodes { message } } } }`;
const MINUTE_MS = 60_000;

let issuer: JwtIssuer;
let simulator: Simulator;
let gateway: InProcessGateway;
let aheadMs: number;
/** The gateway's clock; kept answers stay fresh for an hour of it. */
const nowMs = (): number => Date.now() + aheadMs;

beforeEach(async () => {
  aheadMs = 0;
  issuer = await JwtIssuer.start();
  simulator = await startSimulator({ nowMs });
  simulator.set({ accessKeys: [ACCESS_KEY] });
});

afterEach(async () => {
  await gateway.close();
  await simulator.close();
  await issuer.close();
});

async function start(env: Record<string, string> = {}): Promise<void> {
  gateway = await startInProcessGateway(
    {
      MODELARTS_ENDPOINT: simulator.url,
      MODELARTS_PROJECT_ID: "demo-project",
      ...signedBy(),
      JWT_JWKS_URL: issuer.url,
      CACHE_HEAD_TTL_MS: "3600000",
      ...env,
    },
    nowMs,
  );
}

type Seen = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

async function send(method: "GET" | "POST", headers: Record<string, string>): Promise<Seen> {
  const url =
    method === "POST" ? gateway.url : `${gateway.url}?${new URLSearchParams({ query: QUERY }).toString()}`;
  const answer = await request(url, {
    method,
    headers: { ...headers, ...(method === "POST" ? { "content-type": "application/json" } : {}) },
    body: method === "POST" ? JSON.stringify({ query: QUERY }) : null,
  });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

const bearer = (jwt: string) => ({ authorization: `Bearer ${jwt}` });
const fast = async (): Promise<number> =>
  (await metricOf(gateway.url, 'fast_path_answers_total{way="repeat"}')) +
  (await metricOf(gateway.url, 'fast_path_answers_total{way="plan"}'));

/** Asks until the whole answer is kept and repeated. */
async function keep(jwt: string): Promise<void> {
  await eventually(async () => {
    const { text } = await send("POST", bearer(jwt));
    expect(text).toContain('"totalCount":101');
    return (await metricOf(gateway.url, 'fast_path_answers_total{way="repeat"}')) > 0;
  });
}

async function expectRefused(
  method: "GET" | "POST",
  headers: Record<string, string>,
  message: string,
): Promise<void> {
  const [onLane, calls] = [await fast(), simulator.calls.total];
  const seen = await send(method, headers);
  expect(JSON.parse(seen.text)).toEqual({
    data: { trainingJob: { events: null } },
    errors: [
      {
        message,
        path: ["trainingJob", "events"],
        locations: expect.anything() as unknown,
        extensions: { code: "UNAUTHENTICATED", retryable: false },
      },
    ],
  });
  expect(seen.status).toBe(200);
  expect(seen.headers["cache-control"]).toBe("no-store");
  expect(seen.headers["etag"]).toBeUndefined();
  expect([await fast(), simulator.calls.total]).toEqual([onLane, calls]);
}

const MISSING = "Send a JWT in the Authorization header: Bearer <JWT>.";

describe.each(["POST", "GET"] as const)("a kept answer is not sent with %s", (method) => {
  test("to a caller without a JWT", async () => {
    await start();
    await keep(await issuer.sign());
    await expectRefused(method, {}, MISSING);
    await expectRefused(method, { "x-auth-token": "a-token" }, MISSING);
  });

  test("to a caller with a forged JWT", async () => {
    await start();
    const jwt = await issuer.sign();
    await keep(jwt);
    const [header, payload, signature = ""] = jwt.split(".");
    const { privateKey } = await generateKeyPair("ES256");
    const forged = await issuer.sign({ sub: "eve", key: privateKey });
    const cut = `${header}.${payload}.${signature.slice(0, -8)}AAAAAAAA`;
    for (const bad of [forged, cut, `${header}.${forged.split(".")[1]}.${signature}`]) {
      await expectRefused(method, bearer(bad), "The signature of the JWT is invalid.");
    }
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
    await expectRefused(method, bearer(unsigned), "The Authorization header does not contain a valid JWT.");
  });

  test("to a caller with a JWT that has just expired", async () => {
    await start();
    const jwt = await issuer.sign({ exp: Math.floor(Date.now() / 1000) + 90 });
    await keep(jwt);
    // 30 s behind the end of the JWT clocks may still differ.
    aheadMs = 2 * MINUTE_MS + 1_000;
    await expectRefused(method, bearer(jwt), "The JWT has expired.");
  });

  test("to a caller with a JWT whose key was withdrawn, once that is known", async () => {
    await start();
    const jwt = await issuer.sign();
    await keep(jwt);
    issuer.withdrawKey("key-1");
    await issuer.addKey("key-2");
    const other = await issuer.sign({ kid: "key-2" });
    // The new key makes the gateway ask for the set, a while after the last time.
    aheadMs = MINUTE_MS;
    expect((await send("POST", bearer(other))).text).toContain('"totalCount":101');
    aheadMs = 3 * MINUTE_MS;
    await expectRefused(method, bearer(jwt), "The JWT is signed with an unknown key.");
  });
});

test("the fast path checks a known JWT again at each request", async () => {
  await start();
  await keep(await issuer.sign());
  const short = await issuer.sign({ exp: Math.floor(Date.now() / 1000) + 60 });
  await send("POST", bearer(short));
  const before = await fast();
  await send("POST", bearer(short));
  expect(await fast()).toBe(before + 1);
  // Past its end by less than clocks may differ: good, but not without a look at it.
  aheadMs = MINUTE_MS + 1_000;
  expect((await send("POST", bearer(short))).text).toContain('"totalCount":101');
  expect(await fast()).toBe(before + 1);
});

test("authorized callers share kept answers, and a JWT is verified once for many polls", async () => {
  await start();
  await keep(await issuer.sign({ sub: "alice" }));
  const calls = simulator.calls.total;
  const bob = await issuer.sign({ sub: "bob" });
  await send("POST", bearer(bob));
  const before = await fast();
  for (let time = 0; time < 5; time += 1) await send("POST", bearer(bob));
  expect(await fast()).toBe(before + 5);
  expect(simulator.calls.total).toBe(calls);
  expect(issuer.requests).toBe(1);
});

test("a client caches a page until its JWT expires, and only for itself", async () => {
  await start();
  const jwt = await issuer.sign({ exp: Math.floor(Date.now() / 1000) + 45 });
  const { headers } = await send("GET", bearer(jwt));
  expect(String(headers["vary"]).split(", ")).toContain("Authorization");
  const [, maxAge] = /^private, max-age=(\d+)$/.exec(String(headers["cache-control"])) ?? [];
  expect(Number(maxAge)).toBeGreaterThan(0);
  expect(Number(maxAge)).toBeLessThanOrEqual(45);
  const tag = { "if-none-match": String(headers["etag"]) };
  expect((await send("GET", { ...bearer(jwt), ...tag })).status).toBe(304);
  await expectRefused("GET", tag, MISSING);
  aheadMs = 46_000;
  expect((await send("GET", { ...bearer(jwt), ...tag })).headers["cache-control"]).toBe("private, max-age=0");
});

test("with anonymous callers only, Authorization is ignored", async () => {
  await start({ JWT_JWKS_URL: "", ALLOW_ANONYMOUS: "true" });
  await eventually(async () => {
    expect((await send("POST", bearer("anything"))).text).toContain('"totalCount":101');
    return (await fast()) > 0;
  });
  expect((await send("GET", {})).headers["vary"]).not.toContain("Authorization");
});

test("an invalid JWT is refused even if anonymous callers are served", async () => {
  await start({ ALLOW_ANONYMOUS: "true" });
  await eventually(async () => {
    expect((await send("POST", {})).text).toContain('"totalCount":101');
    return (await fast()) > 0;
  });
  await expectRefused("POST", bearer("x.y.z"), "The Authorization header does not contain a valid JWT.");
  expect((await send("POST", bearer(await issuer.sign()))).text).toContain('"totalCount":101');
});
