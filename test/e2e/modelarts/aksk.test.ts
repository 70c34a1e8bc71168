import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { subscribe } from "../../../src/modelarts/channels.js";
import { configuredKey, createKeySignIn } from "../../../src/modelarts/credentials/key-sign-in.js";
import { type SigningKey } from "../../../src/modelarts/credentials/signature.js";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { ACCESS_KEY } from "../../support/access/access-key.js";
import { SignedInClient } from "../../support/access/signed-in-client.js";

const PAUSE_MS = 300_000;

let simulator: Simulator;
let client: SignedInClient;
let clockMs: number;
let paused: boolean[];
let stop = (): void => undefined;
const nowMs = (): number => clockMs;

beforeEach(async () => {
  clockMs = Date.UTC(2026, 0, 5, 9);
  simulator = await startSimulator({ nowMs });
  simulator.set({ accessKeys: [ACCESS_KEY] });
  paused = [];
  stop = subscribe("gateway:modelarts:credentials", ({ isPaused }) => paused.push(isPaused));
});

afterEach(async () => {
  stop();
  await client.close();
  await simulator.close();
});

function start(key: SigningKey = ACCESS_KEY): void {
  client = new SignedInClient(
    simulator.url,
    createKeySignIn(
      configuredKey(() => key),
      new URL(simulator.url),
      nowMs,
    ),
  );
}

/** Changes the secret in the simulator, so that the gateway's secret is wrong. */
function changeSecret(): void {
  simulator.set({ accessKeys: [{ ...ACCESS_KEY, secretKey: "another" }] });
}

const outcomes = (count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => client.outcome()));

describe("a signed call", () => {
  test("is answered, and sends no token", async () => {
    start();
    expect((await client.list()).total).toBe(1);
    const [call] = simulator.calls.list;
    expect(call?.headers).toMatchObject({ "x-project-id": "demo-project", "x-sdk-date": "20260105T090000Z" });
    expect(call?.headers["x-auth-token"]).toBeUndefined();
  });

  test("carries the security token of a temporary key", async () => {
    simulator.set({ accessKeys: [{ ...ACCESS_KEY, securityToken: "temporary-token" }] });
    start({ ...ACCESS_KEY, securityToken: "temporary-token" });
    expect((await client.list()).total).toBe(1);
    expect(simulator.calls.list[0]?.headers).toMatchObject({ "x-security-token": "temporary-token" });
    await client.close();
    start();
    expect(await client.outcome()).toBe("UNAUTHENTICATED");
  });

  test("that is refused because of a wrong clock is published with the reason", async () => {
    const tries: unknown[] = [];
    const end = subscribe("gateway:modelarts:try", ({ reason, fault }) => tries.push({ reason, fault }));
    start();
    simulator.set({ accessKeys: [] });
    // The simulator's answers carry the machine's time in `Date`.
    clockMs = Date.now() - 3_600_000;
    await client.outcome();
    clockMs = Date.now();
    await client.outcome();
    end();
    expect(tries).toEqual([
      {
        reason: "clock",
        fault: expect.stringMatching(/^this clock is 3[56]\d\d s behind that of ModelArts$/),
      },
      { reason: "credentials", fault: null },
    ]);
  });

  test("has a new signature for each try", async () => {
    start();
    simulator.faults.add({ fault: { kind: "error", status: 503 }, times: 2 });
    const signIn = createKeySignIn(
      configuredKey(() => ACCESS_KEY),
      new URL(simulator.url),
      nowMs,
    );
    const stepping = new SignedInClient(simulator.url, signIn, {
      sleep: () => {
        clockMs += 60_000;
        return Promise.resolve();
      },
    });
    await stepping.list();
    await stepping.close();
    expect(simulator.calls.list.map(({ headers }) => headers["x-sdk-date"])).toEqual([
      "20260105T090000Z",
      "20260105T090100Z",
      "20260105T090200Z",
    ]);
  });

  test("is answered also if it is one of many first calls at once", async () => {
    start();
    expect(new Set(await outcomes(40))).toEqual(new Set(["OK"]));
  });

  test("of a foreign project is refused, and the key stays in use", async () => {
    simulator.set({ accessKeys: [{ ...ACCESS_KEY, projects: ["demo-project"] }] });
    start();
    for (let time = 0; time < 5; time += 1) expect(await client.outcome("other")).toBe("FORBIDDEN");
    expect(await client.outcome()).toBe("OK");
  });
});

describe("a refused key", () => {
  test("is not tried again for the same call, and the error does not contain it", async () => {
    start({ ...ACCESS_KEY, secretKey: "wrong" });
    simulator.faults.add({
      fault: {
        kind: "error",
        status: 401,
        code: "APIGW.0301",
        message: `no AK ${ACCESS_KEY.accessKey} here`,
      },
    });
    const error = await client.error();
    expect(error).toMatchObject({ code: "UNAUTHENTICATED", retryable: false });
    expect(error?.details.modelArts).toMatchObject({
      errorCode: "APIGW.0301",
      errorMsg: "no AK [redacted] here",
    });
    expect(simulator.calls.total).toBe(1);
  });

  test("is used three times at most, for any number of concurrent calls", async () => {
    start({ ...ACCESS_KEY, secretKey: "wrong" });
    expect(new Set(await outcomes(50))).toEqual(new Set(["UNAUTHENTICATED"]));
    expect(simulator.calls.total).toBe(3);
    clockMs += PAUSE_MS - 1_000;
    expect(await client.error()).toMatchObject({
      message:
        "ModelArts refused the gateway's access key too often. The gateway does not use it for a while.",
      retryable: false,
      details: { modelArts: { errorCode: "APIGW.0301" } },
    });
    expect(simulator.calls.total).toBe(3);
    expect(paused).toEqual([true]);
  });

  test("is probed once after five minutes, and never locked by the probe", async () => {
    start();
    changeSecret();
    await outcomes(10);
    clockMs += PAUSE_MS;
    await outcomes(10);
    expect(simulator.calls.total).toBe(4);
    simulator.set({ accessKeys: [ACCESS_KEY] });
    expect(await client.outcome()).toBe("UNAUTHENTICATED");
    clockMs += PAUSE_MS;
    expect(new Set(await outcomes(10))).toEqual(new Set(["OK"]));
    expect(paused).toEqual([true, false]);
  });

  test("that calls of another tenant still use does not pause the new key", async () => {
    const wrong = { ...ACCESS_KEY, secretKey: "wrong" };
    const keys = configuredKey((tenant) => (tenant === "former" ? wrong : ACCESS_KEY));
    client = new SignedInClient(simulator.url, createKeySignIn(keys, new URL(simulator.url), nowMs));
    const former = async (): Promise<void> => {
      await expect(client.list("demo-project", { tenant: "former" })).rejects.toMatchObject({
        code: "UNAUTHENTICATED",
      });
    };
    await former();
    expect(await client.outcome()).toBe("OK");
    for (let time = 0; time < 4; time += 1) await former();
    expect(await client.outcome()).toBe("OK");
    expect(paused).toEqual([]);
  });

  test("is paused only after refusals in a row", async () => {
    start();
    for (let time = 0; time < 4; time += 1) {
      changeSecret();
      expect(await client.outcome()).toBe("UNAUTHENTICATED");
      expect(await client.outcome()).toBe("UNAUTHENTICATED");
      simulator.set({ accessKeys: [ACCESS_KEY] });
      expect(await client.outcome()).toBe("OK");
    }
    expect(paused).toEqual([]);
  });

  test("that was accepted before: calls that still wait are not sent", async () => {
    const signIn = createKeySignIn(
      configuredKey(() => ACCESS_KEY),
      new URL(simulator.url),
      nowMs,
    );
    client = new SignedInClient(simulator.url, signIn, { connections: 2 });
    await client.list();
    changeSecret();
    expect(new Set(await outcomes(20))).toEqual(new Set(["UNAUTHENTICATED"]));
    // The third refusal comes while one more is on its way.
    expect(simulator.calls.total).toBeLessThanOrEqual(5);
  });
});

test("a call that waits for the result of the first one waits until its own deadline only", async () => {
  start();
  simulator.faults.add({ fault: { kind: "hang" }, times: 3 });
  const hanging = [0, 1, 2].map(() => client.list().catch(() => null));
  const aborting = new AbortController();
  const waiting = client.list("demo-project", { signal: aborting.signal });
  aborting.abort();
  await expect(waiting).rejects.toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
  simulator.faults.clear();
  await simulator.close();
  await Promise.all(hanging);
  simulator = await startSimulator();
});
