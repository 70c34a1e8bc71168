import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createAgencyKeys, type KeySource } from "../../../src/modelarts/credentials/agency-keys.js";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventually } from "../../support/eventually.js";
import { askEvents, pageOf } from "../../support/processes/gateway-client.js";
import { startInProcessGateway } from "../../support/processes/in-process-gateway.js";
import { callContext } from "../../support/processes/modelarts-calls.js";

const LIFE_MS = 3_600_000;

/** The metadata service of a machine: each request gets new keys. */
let metadata: Server;
let endpoint: URL;
let requests: string[];
let status = 200;
let sessionToken: string | null;
let clockMs: number;
let keys: KeySource;

beforeEach(async () => {
  requests = [];
  status = 200;
  sessionToken = null;
  clockMs = Date.now();
  metadata = createServer((request, response) => {
    requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
    if (request.method === "PUT") {
      response.end(sessionToken);
      return;
    }
    const isKnown = sessionToken === null || request.headers["x-metadata-token"] === sessionToken;
    response.statusCode = isKnown ? status : 401;
    const count = requests.filter((line) => line.startsWith("GET")).length;
    const credential = {
      access: `AKTEMPORARY${count}`,
      secret: `secret-${count}`,
      securitytoken: `token-${count}`,
      expires_at: new Date(clockMs + LIFE_MS).toISOString().replace("Z", "000Z"),
    };
    response.end(JSON.stringify({ credential }));
  }).listen(0, "127.0.0.1");
  await once(metadata, "listening");
  endpoint = new URL(`http://127.0.0.1:${(metadata.address() as AddressInfo).port}`);
  keys = createAgencyKeys(endpoint, () => clockMs);
});

afterEach(() => {
  keys.close();
  metadata.closeAllConnections();
  metadata.close();
});

const accessKey = async (): Promise<string> => (await keys.keyFor(callContext())).accessKey;

test("keys are fetched once for all waiting calls, and renewed in the background before they expire", async () => {
  const first = await Promise.all([accessKey(), accessKey(), accessKey()]);
  expect(first).toEqual(["AKTEMPORARY1", "AKTEMPORARY1", "AKTEMPORARY1"]);
  expect(requests).toEqual(["GET /openstack/latest/securitykey"]);
  clockMs += LIFE_MS - 601_000;
  expect(await accessKey()).toBe("AKTEMPORARY1");
  expect(requests).toHaveLength(1);
  clockMs += 1_000;
  expect(await accessKey()).toBe("AKTEMPORARY1");
  await eventually(async () => (await accessKey()) === "AKTEMPORARY2");
  expect(requests).toHaveLength(2);
});

test("keys stay in use while the metadata service fails, until shortly before they expire", async () => {
  await accessKey();
  status = 500;
  clockMs += LIFE_MS - 60_000;
  expect(await accessKey()).toBe("AKTEMPORARY1");
  await eventually(() => requests.length === 2);
  clockMs += 31_000;
  await expect(accessKey()).rejects.toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
  const asked = requests.length;
  await expect(accessKey()).rejects.toMatchObject({ details: { retryAfterMs: 2_000 } });
  expect(requests).toHaveLength(asked);
  status = 200;
  clockMs += 2_000;
  expect(await accessKey()).toMatch(/^AKTEMPORARY/);
});

test("a metadata service that requires a session token gets one", async () => {
  sessionToken = "session";
  expect(await accessKey()).toBe("AKTEMPORARY2");
  expect(requests).toEqual([
    "GET /openstack/latest/securitykey",
    "PUT /meta-data/latest/api/token",
    "GET /openstack/latest/securitykey",
  ]);
});

test("a gateway with MODELARTS_AUTH=agency signs with the temporary keys", async () => {
  const simulator: Simulator = await startSimulator();
  const key = { accessKey: "AKTEMPORARY1", secretKey: "secret-1", securityToken: "token-1" };
  simulator.set({ accessKeys: [key] });
  const gateway = await startInProcessGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_PROJECT_ID: "demo-project",
    MODELARTS_AUTH: "agency",
    HUAWEICLOUD_METADATA_ENDPOINT: endpoint.href,
    ALLOW_ANONYMOUS: "true",
  });
  expect(pageOf(await askEvents(gateway.url, { id: "events-1", first: 1 })).totalCount).toBe(1);
  expect(simulator.calls.list[0]?.headers["x-security-token"]).toBe("token-1");
  await gateway.close();
  await simulator.close();
});
