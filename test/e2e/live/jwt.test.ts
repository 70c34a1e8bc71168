import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { ACCESS_KEY, signedBy } from "../../support/access/access-key.js";
import { eventually } from "../../support/eventually.js";
import { JwtIssuer } from "../../support/access/jwt-issuer.js";
import { Follower, type LiveClient, sseClient, wsClient } from "../../support/live/live-clients.js";
import { startInProcessGateway, type InProcessGateway } from "../../support/processes/in-process-gateway.js";

const HOUR_MS = 3_600_000;

let issuer: JwtIssuer;
let simulator: Simulator;
let gateway: InProcessGateway;
let client: LiveClient;
let aheadMs: number;
const nowMs = (): number => Date.now() + aheadMs;

beforeEach(async () => {
  aheadMs = 0;
  issuer = await JwtIssuer.start();
  simulator = await startSimulator({ nowMs });
  simulator.set({ accessKeys: [ACCESS_KEY] });
  gateway = await startInProcessGateway(
    {
      MODELARTS_ENDPOINT: simulator.url,
      MODELARTS_PROJECT_ID: "demo-project",
      ...signedBy(),
      JWT_JWKS_URL: issuer.url,
      CACHE_HEAD_TTL_MS: "300",
    },
    nowMs,
  );
});

afterEach(async () => {
  await client.close();
  await gateway.close();
  await simulator.close();
  await issuer.close();
});

const codes = ({ errors }: Follower): string[] => errors.map(({ extensions }) => extensions.code);

describe.each([
  [
    "graphql-ws",
    (jwt: string | null) =>
      wsClient(gateway.url, jwt === null ? {} : { connectionParams: { Authorization: `Bearer ${jwt}` } }),
  ],
  [
    "graphql-sse",
    (jwt: string | null) =>
      sseClient(gateway.url, jwt === null ? {} : { headers: { authorization: `Bearer ${jwt}` } }),
  ],
] as const)("%s", (_name, connect) => {
  test("a stream ends with its JWT", async () => {
    client = connect(await issuer.sign());
    const follower = new Follower(client, { id: "events-101", last: 2 });
    await eventually(() => follower.messages.length === 2);
    simulator.jobs.add("events-101", [{ message: "news" }]);
    await eventually(() => follower.messages.at(-1) === "news");
    aheadMs = HOUR_MS;
    await eventually(() => follower.errors.length > 0);
    expect(follower.errors).toMatchObject([
      { message: "The JWT has expired.", extensions: { code: "UNAUTHENTICATED", retryable: false } },
    ]);
    simulator.jobs.add("events-101", [{ message: "later news" }]);
    // One who may still read is shown them.
    const other = connect(await issuer.sign({ exp: Math.floor(nowMs() / 1000) + 600 }));
    const otherFollower = new Follower(other, { id: "events-101", last: 1 });
    await eventually(() => otherFollower.messages.includes("later news"));
    simulator.jobs.add("events-101", [{ message: "last news" }]);
    await eventually(() => otherFollower.messages.includes("last news"));
    await other.close();
    expect(follower.messages).not.toContain("later news");
  });

  test("nothing is read without a JWT or with a forged one", async () => {
    const forged = `${(await issuer.sign()).slice(0, -8)}AAAAAAAA`;
    for (const jwt of [null, forged]) {
      client = connect(jwt);
      const follower = new Follower(client, { id: "events-101", last: 2 });
      await eventually(() => follower.errors.length > 0);
      expect(codes(follower)).toEqual(["UNAUTHENTICATED"]);
      expect(follower.messages).toEqual([]);
      if (jwt === null) await client.close();
    }
    expect(simulator.calls.total).toBe(0);
  });
});
