import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type LoginMessage, subscribe } from "../../../src/modelarts/channels.js";
import { createTokenSignIn } from "../../../src/modelarts/credentials/token-sign-in.js";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventually } from "../../support/eventually.js";
import { SignedInClient } from "../../support/access/signed-in-client.js";

const USER = { domain: "account", user: "reader", password: "hunter2-hunter2" };
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const PAUSE_MS = 960_000;
const PROJECTS = ["demo-project", "p2"];

let simulator: Simulator;
let client: SignedInClient;
let clockMs: number;
let logins: LoginMessage[];
let stop = (): void => undefined;
const nowMs = (): number => clockMs;

beforeEach(async () => {
  clockMs = Date.UTC(2026, 0, 5, 9);
  simulator = await startSimulator({ nowMs });
  simulator.set({ users: [{ ...USER, projects: PROJECTS }] });
  simulator.jobs.create("events-1", [{ message: "of the second project" }], "p2");
  logins = [];
  stop = subscribe("gateway:modelarts:login", (message) => logins.push(message));
});

afterEach(async () => {
  stop();
  await client.close();
  await simulator.close();
});

function start({ password = USER.password, tryTimeoutMs = 5_000 } = {}): void {
  const signIn = createTokenSignIn({
    endpoint: `${simulator.url}/`,
    user: { domain: USER.domain, name: USER.user, readPassword: () => password },
    tryTimeoutMs,
    retries: 2,
    sleep: () => Promise.resolve(),
    nowMs,
  });
  client = new SignedInClient(simulator.url, signIn);
}

const REFUSED = { kind: "error", status: 401, code: "APIGW.0301" } as const;
/** Changes the password at IAM. */
const changePassword = (): void => {
  simulator.set({ users: [{ ...USER, password: "another" }] });
};
const loginCalls = (): number => simulator.calls.list.filter(({ path }) => path === "/v3/auth/tokens").length;
const outcomes = (count: number, projectId?: string): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => client.outcome(projectId)));
const tokensShown = (): Set<string | undefined> =>
  new Set(
    simulator.calls.list.flatMap(({ path, headers }) =>
      path.startsWith("/v2/") ? [headers["x-auth-token"]] : [],
    ),
  );

describe("a token", () => {
  test("is requested once for all concurrent calls of a project", async () => {
    start();
    expect(new Set(await outcomes(40))).toEqual(new Set(["OK"]));
    expect(loginCalls()).toBe(1);
    expect(new Set(await outcomes(40, "p2"))).toEqual(new Set(["OK"]));
    expect(loginCalls()).toBe(2);
    expect(tokensShown().size).toBe(2);
    expect(logins).toMatchObject([{ status: 201, code: null }, { projectId: "p2" }]);
  });

  test("is renewed before it expires while calls use the old one", async () => {
    start();
    await client.list();
    clockMs += 23 * HOUR_MS;
    await client.list();
    expect(loginCalls()).toBe(1);
    clockMs += HOUR_MS - 1_800_000;
    simulator.faults.add({ fault: { kind: "delay", delayMs: 50 }, iam: true });
    await client.list();
    expect(tokensShown().size).toBe(1);
    await eventually(() => logins.length === 2);
    await eventually(async () => {
      await client.list();
      return tokensShown().size === 2;
    });
    expect(loginCalls()).toBe(2);
  });

  test("whose renewal fails stays in use, and IAM gets a pause", async () => {
    start();
    await client.list();
    clockMs += 23.75 * HOUR_MS;
    simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null, iam: true });
    expect(await client.outcome()).toBe("OK");
    await eventually(() => logins.length === 4);
    expect(new Set(await outcomes(10))).toEqual(new Set(["OK"]));
    expect(loginCalls()).toBe(4);
  });

  test("that has expired is replaced before the call", async () => {
    start();
    await client.list();
    clockMs += 24 * HOUR_MS;
    expect(new Set(await outcomes(10))).toEqual(new Set(["OK"]));
    expect(loginCalls()).toBe(2);
  });

  test("with a short life is renewed in its last quarter", async () => {
    simulator.set({ tokenTtlMs: 4_000 });
    start();
    await client.list();
    clockMs += 2_900;
    await client.list();
    expect(loginCalls()).toBe(1);
    clockMs += 200;
    await client.list();
    await eventually(() => loginCalls() === 2);
  });

  test("longer than Node's default header limit is accepted", async () => {
    start();
    const token = `MII${"x".repeat(20_000)}`;
    simulator.set({ users: null, tokens: [{ token }] });
    simulator.faults.add({
      fault: {
        kind: "answer",
        status: 201,
        headers: { "X-Subject-Token": token },
        body: JSON.stringify({ token: { expires_at: "2026-01-06T09:00:00.123456Z" } }),
      },
      iam: true,
    });
    // The simulator's own server accepts shorter headers; it is enough that IAM's answer was read.
    await client.outcome();
    expect(logins).toMatchObject([{ status: 201, code: null }]);
  });
});

describe("a token that ModelArts refuses", () => {
  test("is replaced, and the call tried once more", async () => {
    start();
    await client.list();
    simulator.iam.revoke();
    expect(new Set(await outcomes(20))).toEqual(new Set(["OK"]));
    expect(loginCalls()).toBe(2);
    clockMs += MINUTE_MS;
    simulator.iam.revoke();
    expect(await client.outcome()).toBe("OK");
    expect(loginCalls()).toBe(3);
  });

  test.each([
    [401, "ModelArts.0202"],
    [401, "ModelArts.0203"],
    [403, "ModelArts.0203"],
    [403, "ModelArts.2784"],
    [401, "APIGW.0301"],
    [401, "APIGW.0307"],
  ])("with %i %s is replaced, even the very first one", async (status, code) => {
    start();
    simulator.faults.add({ fault: { kind: "error", status, code } });
    expect(await client.outcome()).toBe("OK");
    expect(loginCalls()).toBe(2);
    expect(simulator.calls.total).toBe(4);
  });

  test("for every call is not replaced for every call", async () => {
    start();
    simulator.faults.add({ fault: { kind: "error", status: 401, code: "APIGW.0301" }, times: null });
    for (let time = 0; time < 5; time += 1) expect(await client.outcome()).toBe("UNAUTHENTICATED");
    expect(loginCalls()).toBe(2);
    expect(tokensShown().size).toBe(2);
    clockMs += MINUTE_MS;
    await client.outcome();
    expect(loginCalls()).toBe(3);
  });

  test("for some calls is replaced only once in a minute, even if other calls succeed", async () => {
    start();
    for (let time = 0; time < 5; time += 1) {
      expect(await client.outcome()).toBe("OK");
      simulator.faults.add({ fault: REFUSED, times: 2 });
      expect(await client.outcome()).toBe("UNAUTHENTICATED");
      simulator.faults.clear();
    }
    expect(loginCalls()).toBe(2);
    clockMs += MINUTE_MS;
    simulator.faults.add({ fault: REFUSED });
    expect(await client.outcome()).toBe("OK");
    expect(loginCalls()).toBe(3);
  });

  test("is still used for other calls if IAM issues no new token", async () => {
    start();
    await client.list();
    simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null, iam: true });
    simulator.faults.add({ fault: REFUSED });
    expect(await client.error()).toMatchObject({ code: "UPSTREAM_UNAVAILABLE", retryable: true });
    expect(new Set(await outcomes(10))).toEqual(new Set(["OK"]));
    simulator.faults.add({ fault: REFUSED });
    expect(await client.outcome()).toBe("UPSTREAM_UNAVAILABLE");
    expect(await client.outcome()).toBe("OK");
    expect({ logins: loginCalls(), tokens: tokensShown().size }).toEqual({ logins: 4, tokens: 1 });
    expect(simulator.calls.total).toBe(18);
    simulator.faults.clear();
    clockMs += 2_000;
    simulator.faults.add({ fault: REFUSED });
    expect(await client.outcome()).toBe("OK");
    expect(tokensShown().size).toBe(2);
  });

  test("for all calls gives IAM's error if IAM issues no new token", async () => {
    start();
    await client.list();
    simulator.iam.revoke();
    simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null, iam: true });
    for (let time = 0; time < 2; time += 1) {
      expect(new Set(await outcomes(10))).toEqual(new Set(["UPSTREAM_UNAVAILABLE"]));
    }
    expect(loginCalls()).toBe(4);
    simulator.faults.clear();
    clockMs += 2_000;
    expect(new Set(await outcomes(10))).toEqual(new Set(["OK"]));
  });

  test("is still used while the password is paused", async () => {
    start();
    await client.list();
    changePassword();
    for (let time = 0; time < 3; time += 1) {
      simulator.faults.add({ fault: REFUSED });
      expect(await client.error()).toMatchObject({
        message: "IAM does not accept the gateway's own credentials.",
      });
      expect(await client.outcome()).toBe("OK");
      clockMs += MINUTE_MS;
    }
    expect(loginCalls()).toBe(3);
  });

  test("for another reason is not replaced", async () => {
    start();
    simulator.faults.add({ fault: { kind: "error", status: 403, code: "APIGW.0302" } });
    expect(await client.outcome()).toBe("FORBIDDEN");
    expect(loginCalls()).toBe(1);
  });
});

describe("if IAM refuses", () => {
  test("a password, it gets two requests and then a pause, so that the user is not locked", async () => {
    start({ password: "wrong" });
    const error = await client.error();
    expect(error).toMatchObject({
      code: "UNAUTHENTICATED",
      message: "IAM does not accept the gateway's own credentials.",
      details: { modelArts: { errorCode: "401", errorMsg: null, httpStatus: 401 } },
    });
    expect(new Set(await outcomes(20, "p2"))).toEqual(new Set(["UNAUTHENTICATED"]));
    for (const project of ["p3", "p4"]) expect(await client.outcome(project)).toBe("UNAUTHENTICATED");
    expect(loginCalls()).toBe(2);
    for (let time = 0; time < 2; time += 1) {
      clockMs += PAUSE_MS;
      for (const project of ["demo-project", "p2", "p3"]) await client.outcome(project);
    }
    expect(loginCalls()).toBe(6);
    simulator.set({ users: [{ ...USER, password: "wrong" }] });
    clockMs += PAUSE_MS;
    expect(await client.outcome()).toBe("OK");
    expect(await client.outcome("p2")).toBe("OK");
  });

  test("a project, it gets a request for it every 30 s, and other projects continue", async () => {
    start();
    await client.list();
    for (let time = 0; time < 5; time += 1) expect(await client.outcome("not-ours")).toBe("FORBIDDEN");
    expect(loginCalls()).toBe(2);
    expect(await client.outcome("p2")).toBe("OK");
  });

  test("a password that was valid before, it gets at most two requests, for any number of projects", async () => {
    const projects = Array.from({ length: 8 }, (_, n) => `project-${n}`);
    for (const project of projects) simulator.jobs.create("events-1", [{ message: "of it" }], project);
    simulator.set({ users: [{ ...USER, projects }], latencyMs: 20 });
    start();
    const all = (): Promise<string[]> => Promise.all(projects.map((project) => client.outcome(project)));
    expect(new Set(await all())).toEqual(new Set(["OK"]));
    changePassword();
    simulator.iam.revoke();
    expect(new Set(await all())).toEqual(new Set(["UNAUTHENTICATED"]));
    expect(loginCalls()).toBe(10);
  });

  test("a password that was valid before, it gets at most two requests for projects without a token", async () => {
    start();
    await client.list();
    changePassword();
    for (let n = 0; n < 7; n += 1) expect(await client.outcome(`new-${n}`)).toBe("UNAUTHENTICATED");
    expect(loginCalls()).toBe(3);
    expect(logins.slice(1)).toMatchObject([
      { projectId: "new-0", scope: "project", status: 401 },
      { projectId: "new-0", scope: "domain", status: 401 },
    ]);
    expect(await client.outcome()).toBe("OK");
  });

  test.each([false, true])(
    "projects by the answer to a wrong password: only these projects are refused; the gateway had a token before: %s",
    async (isKnown) => {
      simulator.set({ foreignProjectStatus: 401 });
      start();
      if (isKnown) await client.list();
      for (let n = 0; n < 5; n += 1) expect(await client.outcome(`not-ours-${n}`)).toBe("FORBIDDEN");
      expect(await client.error("not-ours-0")).toMatchObject({
        message: "IAM does not issue a token for this project to the gateway.",
        details: { modelArts: { httpStatus: 401 } },
      });
      expect(await client.outcome("p2")).toBe("OK");
      expect(loginCalls()).toBe(isKnown ? 12 : 11);
      clockMs += 30_000;
      expect(await client.outcome("not-ours-0")).toBe("FORBIDDEN");
      expect(loginCalls()).toBe(isKnown ? 14 : 13);
    },
  );

  test("a project, and then does not answer the check of the password, has not refused the password", async () => {
    start();
    const refused = { kind: "error", status: 401, code: "Unauthorized", shape: "keystone" } as const;
    for (let n = 0; n < 3; n += 1) {
      simulator.faults.add({ fault: refused, iam: true });
      simulator.faults.add({ fault: { kind: "error", status: 503 }, iam: true });
      expect(await client.outcome(`project-${n}`)).toBe("FORBIDDEN");
    }
    expect(loginCalls()).toBe(6);
    expect(await client.outcome()).toBe("OK");
  });
});

describe("if IAM fails", () => {
  test("it is tried as often as ModelArts, and then gets a short pause", async () => {
    start();
    simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null, iam: true });
    expect(await client.error()).toMatchObject({ code: "UPSTREAM_UNAVAILABLE", retryable: true });
    expect(await client.error()).toMatchObject({ details: { retryAfterMs: 2_000 } });
    expect(loginCalls()).toBe(3);
    simulator.faults.clear();
    clockMs += 2_000;
    expect(await client.outcome()).toBe("OK");
    // No call went to ModelArts without a token.
    expect(simulator.calls.total).toBe(5);
  });

  test("once, the same call tries again", async () => {
    start();
    simulator.faults.add({ fault: { kind: "reset" }, iam: true });
    expect(await client.outcome()).toBe("OK");
    expect(logins).toMatchObject([{ fault: "ECONNRESET" }, { attempt: 2, code: null }]);
  });

  test("to answer, a login has a time limit, and callers may leave earlier", async () => {
    start({ tryTimeoutMs: 50 });
    simulator.faults.add({ fault: { kind: "hang" }, times: null, iam: true });
    expect(await client.error()).toMatchObject({ code: "UPSTREAM_TIMEOUT", retryable: true });
    clockMs += 2_000;
    const aborting = new AbortController();
    const waiting = client.list("demo-project", { signal: aborting.signal });
    aborting.abort();
    await expect(waiting).rejects.toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
  });

  test.each([
    ["no token", { status: 201, body: '{"token":{"expires_at":"2026-01-06T09:00:00.000000Z"}}' }],
    ["no end", { status: 201, body: "{}", headers: { "X-Subject-Token": "MII" } }],
    ["no JSON", { status: 201, body: "<html>", headers: { "X-Subject-Token": "MII" } }],
    [
      "an end that is over",
      {
        status: 201,
        body: '{"token":{"expires_at":"2020-01-06T09:00:00.000000Z"}}',
        headers: { "X-Subject-Token": "MII" },
      },
    ],
  ])("by an invalid answer (%s), it counts as a failure", async (_name, answer) => {
    start();
    simulator.faults.add({ fault: { kind: "answer", ...answer }, times: null, iam: true });
    expect(await client.outcome()).toBe("UPSTREAM_INVALID_RESPONSE");
    expect(await client.outcome()).toBe("UPSTREAM_INVALID_RESPONSE");
    expect(loginCalls()).toBe(1);
  });
});

test("neither password nor token is published or shown", async () => {
  const published: unknown[] = [];
  const ends = [
    subscribe("gateway:modelarts:login", (message) => published.push(message)),
    subscribe("gateway:modelarts:try", (message) => published.push(message)),
  ];
  start();
  await client.list();
  const [token = ""] = [...tokensShown()];
  simulator.faults.add({
    fault: { kind: "error", status: 400, code: USER.password, message: `${USER.password} of ${USER.user}` },
    iam: true,
  });
  const ofIam = await client.error("p2");
  simulator.faults.add({ fault: { kind: "error", status: 400, code: "X", message: `token ${token}` } });
  const ofModelArts = await client.error();
  for (const end of ends) end();
  const all = JSON.stringify([published, ofIam?.message, ofIam?.details, ofModelArts?.details]);
  expect(published.length).toBeGreaterThan(3);
  expect(all).not.toContain(USER.password);
  expect(all).not.toContain(USER.user);
  expect(all).not.toContain(token.slice(0, 12));
});
