import { createHash, createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventsUrl } from "../../support/events-api.js";

const KEY = { accessKey: "AK1", secretKey: "SK1", projects: ["demo-project"] };
const USER = { domain: "account", user: "reader", password: "right", projects: ["demo-project"] };

let simulator: Simulator;
let clockMs: number;
beforeAll(async () => {
  simulator = await startSimulator({ nowMs: () => clockMs });
});
beforeEach(() => {
  clockMs = Date.UTC(2026, 0, 5, 9);
  simulator.reset();
});
afterAll(() => simulator.close());

async function statusOf(headers: Record<string, string>, projectId = "demo-project", query = {}) {
  const response = await fetch(eventsUrl(simulator.url, "events-1", query, projectId), { headers });
  const { error_code: code = null, error_msg: message = "" } = (await response.json()) as {
    error_code?: string;
    error_msg?: string;
  };
  return { status: response.status, code, message };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Signs a call for `events-1` step by step, like the description of the algorithm, with the mistakes of a test. */
function signed({
  secretKey = KEY.secretKey,
  projectId = "demo-project",
  date = "20260105T090000Z",
  query = "",
  names = "host;x-project-id;x-sdk-date",
} = {}): Record<string, string> {
  const values: Record<string, string> = {
    host: new URL(simulator.url).host,
    "x-project-id": projectId,
    "x-sdk-date": date,
  };
  const headers = names
    .split(";")
    .map((name) => `${name}:${values[name] ?? ""}\n`)
    .join("");
  const path = `/v2/${projectId}/training-jobs/events-1/events/`;
  const request = `GET\n${path}\n${query}\n${headers}\n${names}\n${sha256("")}`;
  const signature = createHmac("sha256", secretKey)
    .update(`SDK-HMAC-SHA256\n${date}\n${sha256(request)}`)
    .digest("hex");
  return {
    "x-project-id": projectId,
    "x-sdk-date": date,
    authorization: `SDK-HMAC-SHA256 Access=AK1, SignedHeaders=${names}, Signature=${signature}`,
  };
}

describe("signatures", () => {
  beforeEach(() => {
    simulator.set({ accessKeys: [KEY] });
  });

  test("that are valid are accepted, those over other parameters are refused", async () => {
    expect((await statusOf(signed())).status).toBe(200);
    const given = { pattern: "a+b'*", order: "asc", limit: 5 };
    const query = "limit=5&order=asc&pattern=a%2Bb%27%2A";
    expect(await statusOf(signed({ query }), "demo-project", { limit: 5, order: "asc" })).toMatchObject({
      status: 401,
    });
    expect(await statusOf(signed({ query }), "demo-project", given)).toMatchObject({ status: 200 });
  });

  test.each([
    ["another secret key", () => signed({ secretKey: "SK2" }), "verify aksk signature fail"],
    ["another time", () => ({ ...signed(), "x-sdk-date": "20260105T090001Z" }), "verify aksk signature fail"],
    [
      "an old time",
      () => signed({ date: "20260105T084459Z" }),
      "x-sdk-date is too far from the server's time",
    ],
    ["no time signed", () => signed({ names: "host;x-project-id" }), "a header is not signed"],
    ["no order of headers", () => signed({ names: "x-sdk-date;host" }), "signed headers are not sorted"],
    ["no signature", () => ({ authorization: "Bearer x" }), "the Authorization header has another form"],
    ["nothing", () => ({}), "the token is missing or cannot be decrypted"],
  ])("with %s are refused", async (_name, headers, why) => {
    expect(await statusOf(headers())).toEqual({
      status: 401,
      code: "APIGW.0301",
      message: `Incorrect IAM authentication information: ${why}`,
    });
  });

  test("are good for the key's projects, and the project that they name", async () => {
    expect(await statusOf(signed({ projectId: "p2" }), "p2")).toMatchObject({
      status: 404,
      code: "ModelArts.2786",
    });
  });

  test("that are wrong six times in a row lock the key for five minutes", async () => {
    for (let time = 0; time < 5; time += 1) await statusOf(signed({ secretKey: "SK2" }));
    expect((await statusOf(signed())).status).toBe(200);
    for (let time = 0; time < 6; time += 1) await statusOf(signed({ secretKey: "SK2" }));
    expect((await statusOf(signed())).message).toContain("AK access failed to reach the limit,forbidden");
    clockMs += 300_000;
    expect((await statusOf(signed({ date: "20260105T090500Z" }))).status).toBe(200);
  });
});

describe("tokens of IAM", () => {
  beforeEach(() => {
    simulator.set({ users: [USER] });
  });

  type Changes = { password?: string; user?: string; project?: string; scope?: object };
  async function logIn(changes: Changes = {}) {
    const { password = "right", user = "reader", project = "demo-project" } = changes;
    const body = {
      auth: {
        identity: {
          methods: ["password"],
          password: { user: { name: user, password, domain: { name: "account" } } },
        },
        scope: changes.scope ?? { project: { id: project } },
      },
    };
    const response = await fetch(`${simulator.url}/v3/auth/tokens`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    return {
      status: response.status,
      token: response.headers.get("x-subject-token"),
      body: (await response.json()) as { token?: Record<string, unknown>; error?: { code: number } },
    };
  }

  test("are valid for their project until they expire", async () => {
    simulator.set({ tokenTtlMs: 60_000 });
    const { status, token, body } = await logIn();
    expect({ status, expires: body.token?.["expires_at"] }).toEqual({
      status: 201,
      expires: "2026-01-05T09:01:00.000000Z",
    });
    const headers = { "x-auth-token": token ?? "" };
    expect((await statusOf(headers)).status).toBe(200);
    expect((await statusOf(headers, "p2")).code).toBe("ModelArts.2786");
    clockMs += 60_000;
    expect((await statusOf(headers)).code).toBe("APIGW.0301");
    expect((await statusOf({})).code).toBe("APIGW.0301");
  });

  test("are invalid after they are revoked", async () => {
    const { token } = await logIn();
    expect(simulator.iam.size).toBe(1);
    simulator.iam.revoke();
    expect((await statusOf({ "x-auth-token": token ?? "" })).status).toBe(401);
  });

  test("are issued to users with the right password, for their own projects", async () => {
    expect(await logIn({ password: "wrong" })).toMatchObject({ status: 401, body: { error: { code: 401 } } });
    expect((await logIn({ user: "nobody" })).status).toBe(401);
    expect((await logIn({ project: "p2" })).status).toBe(403);
    const response = await fetch(`${simulator.url}/v3/auth/tokens`, { method: "POST", body: "{}" });
    expect(response.status).toBe(400);
  });

  test("are for the user's own account as well, and then are none for a project", async () => {
    const { status, token, body } = await logIn({ scope: { domain: { name: "account" } } });
    expect(status).toBe(201);
    expect(body.token).toMatchObject({ domain: { name: "account" } });
    expect(body.token).not.toHaveProperty("project");
    expect(await statusOf({ "x-auth-token": token ?? "" })).toMatchObject({
      status: 400,
      code: "ModelArts.0204",
    });
    expect((await logIn({ scope: { domain: { name: "another" } } })).status).toBe(403);
    expect((await logIn({ scope: { domain: { name: "account" } }, password: "wrong" })).status).toBe(401);
    const both = { domain: { name: "account" }, project: { id: "demo-project" } };
    expect((await logIn({ scope: both })).status).toBe(400);
  });

  test("are refused for other projects with 401 if so configured, which does not lock the user", async () => {
    simulator.set({ foreignProjectStatus: 401 });
    for (let time = 0; time < 3; time += 1) {
      expect(await logIn({ project: "p2" })).toMatchObject({ status: 401, body: { error: { code: 401 } } });
    }
    expect((await logIn()).status).toBe(201);
  });

  test("are not issued to a user who is locked after three wrong passwords", async () => {
    for (let time = 0; time < 3; time += 1) await logIn({ password: "wrong" });
    expect((await logIn()).status).toBe(401);
    clockMs += 900_000;
    expect((await logIn()).status).toBe(201);
  });

  test("are issued to everybody if no users are configured", async () => {
    simulator.set({ users: null });
    expect((await logIn({ user: "anybody", password: "x", project: "any" })).status).toBe(201);
  });
});
