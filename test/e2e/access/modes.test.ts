import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { ACCESS_KEY, signedBy } from "../../support/access/access-key.js";
import { eventually } from "../../support/eventually.js";
import { ask, askEvents, pageOf } from "../../support/processes/gateway-client.js";
import { JwtIssuer } from "../../support/access/jwt-issuer.js";
import { metricOf } from "../../support/processes/load.js";
import { RedisServer } from "../../support/redis/redis.js";
import { startInProcessGateway, type InProcessGateway } from "../../support/processes/in-process-gateway.js";

const OTHER = { accessKey: "AKSIMULATOR000000002", secretKey: "sk/another+secret" };
const USER = { domain: "my-account", user: "events-reader", password: "hunter2-hunter2" };

let issuer: JwtIssuer;
let simulator: Simulator;
let gateways: InProcessGateway[];

beforeEach(async () => {
  issuer = await JwtIssuer.start();
  simulator = await startSimulator();
  simulator.set({ accessKeys: [ACCESS_KEY, OTHER], users: [USER] });
  gateways = [];
});

afterEach(async () => {
  await closeGateways();
  await simulator.close();
  await issuer.close();
});

async function closeGateways(): Promise<void> {
  for (const gateway of gateways.splice(0)) await gateway.close();
}

async function start(env: Record<string, string>): Promise<InProcessGateway> {
  const gateway = await startInProcessGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_PROJECT_ID: "demo-project",
    UPSTREAM_RETRIES: "0",
    CACHE_HEAD_TTL_MS: "3600000",
    ...env,
  });
  gateways.push(gateway);
  return gateway;
}

const iam = (user = USER.user) => ({
  MODELARTS_AUTH: "iam",
  IAM_ENDPOINT: simulator.url,
  IAM_DOMAIN: USER.domain,
  IAM_USER: user,
  IAM_PASSWORD: USER.password,
});
const bearer = (jwt: string) => ({ authorization: `Bearer ${jwt}` });
const code = async (answer: ReturnType<typeof askEvents>) => (await answer).errors[0]?.extensions.code;

describe.each([
  ["aksk", () => signedBy()],
  ["iam", () => iam()],
])("%s", (_mode, env) => {
  test("serves pages to callers with a JWT, and shows no secret", async () => {
    const gateway = await start({ ...env(), JWT_JWKS_URL: issuer.url });
    const jwt = await issuer.sign();
    expect(pageOf(await askEvents(gateway.url, { id: "events-101" }, bearer(jwt))).totalCount).toBe(101);
    expect(await code(askEvents(gateway.url, { id: "none" }, bearer(jwt)))).toBe("TRAINING_JOB_NOT_FOUND");
    expect(await code(askEvents(gateway.url, { id: "events-101" }))).toBe("UNAUTHENTICATED");
    const shown = simulator.calls.list.map(({ headers }) => headers["x-auth-token"] ?? "");
    // A request's line follows its answer.
    await eventually(() => gateway.log.filter(({ msg }) => msg === "request").length === 3);
    const log = JSON.stringify(gateway.log);
    const [, , signature = ""] = jwt.split(".");
    for (const secret of [
      ACCESS_KEY.secretKey,
      USER.password,
      signature,
      ...shown.filter((text) => text !== ""),
    ]) {
      expect(log).not.toContain(secret.slice(0, 30));
    }
    expect(await metricOf(gateway.url, 'jwt_refusals_total{reason="missing"}')).toBe(1);
  });

  test("checks arguments before the JWT, and needs no JWT for fields without events", async () => {
    const gateway = await start({ ...env(), JWT_JWKS_URL: issuer.url });
    expect(await code(askEvents(gateway.url, { id: "events-101", first: -1 }))).toBe("BAD_USER_INPUT");
    expect(await code(askEvents(gateway.url, { id: "events-101", after: "x" }))).toBe("INVALID_CURSOR");
    const { data, errors } = await ask(gateway.url, '{ __typename trainingJob(id: "j") { id } }');
    expect({ data, errors }).toEqual({
      data: { __typename: "Query", trainingJob: { id: "j" } },
      errors: [],
    });
    expect(simulator.calls.total).toBe(0);
  });

  test("gives a retryable error if the keys cannot be fetched", async () => {
    const gateway = await start({ ...env(), JWT_JWKS_URL: issuer.url });
    issuer.fault = (response) => response.writeHead(503).end();
    const { errors } = await askEvents(gateway.url, { id: "events-101" }, bearer(await issuer.sign()));
    expect(errors).toMatchObject([
      {
        message: "The keys for JWTs are temporarily unavailable.",
        extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true },
      },
    ]);
    expect(gateway.log.filter(({ msg }) => msg === "The key set of JWTs cannot be fetched")).toHaveLength(1);
    expect(simulator.calls.total).toBe(0);
  });

  test("serves everybody with ALLOW_ANONYMOUS=true", async () => {
    const gateway = await start({ ...env(), ALLOW_ANONYMOUS: "true" });
    expect(pageOf(await askEvents(gateway.url, { id: "events-101" })).totalCount).toBe(101);
    expect(issuer.requests).toBe(0);
  });
});

test("iam counts logins, and logs failed ones", async () => {
  const gateway = await start({ ...iam("nobody"), ALLOW_ANONYMOUS: "true" });
  const { errors } = await askEvents(gateway.url, { id: "events-101" });
  expect(errors).toMatchObject([
    {
      message: "IAM does not accept the gateway's own credentials.",
      extensions: {
        code: "UNAUTHENTICATED",
        retryable: false,
        modelArts: { errorCode: "401", errorMsg: null, httpStatus: 401 },
      },
    },
  ]);
  expect(await metricOf(gateway.url, 'iam_logins_total{outcome="UNAUTHENTICATED"}')).toBe(2);
  await askEvents(gateway.url, { id: "events-101", projectId: "p2" });
  expect(await metricOf(gateway.url, "modelarts_credentials_paused")).toBe(1);
  expect(gateway.log.filter(({ level }) => level === "error")).toMatchObject([{ kind: "password" }]);
});

test("passthrough ignores Authorization and the settings of other modes", async () => {
  simulator.set({ tokens: [{ token: "token-of-alice" }] });
  const gateway = await start({ MODELARTS_AUTH: "passthrough", JWT_JWKS_URL: issuer.url });
  const headers = { "x-auth-token": "token-of-alice", authorization: "Bearer nonsense" };
  expect(pageOf(await askEvents(gateway.url, { id: "events-101" }, headers)).totalCount).toBe(101);
  expect(await code(askEvents(gateway.url, { id: "events-101" }, bearer(await issuer.sign())))).toBe(
    "UNAUTHENTICATED",
  );
  expect(issuer.requests).toBe(0);
});

describe("gateways that share a Redis", () => {
  let redis: RedisServer;
  beforeEach(async () => {
    redis = await RedisServer.start();
  });
  afterEach(async () => {
    await closeGateways();
    await redis.stop();
  });

  /** How many calls a second gateway makes for a page that a first one has read. */
  async function callsOfSecond(
    first: Record<string, string>,
    second: Record<string, string>,
  ): Promise<number> {
    const shared = { REDIS_URL: redis.url, CACHE_KEY_SECRET: "the same", ALLOW_ANONYMOUS: "true" };
    const one = await start({ ...first, ...shared });
    pageOf(await askEvents(one.url, { id: "events-101" }));
    const other = await start({ ...second, ...shared });
    simulator.calls.reset();
    pageOf(await askEvents(other.url, { id: "events-101" }));
    return simulator.calls.list.filter(({ path }) => path.startsWith("/v2/")).length;
  }

  test("share pages if they sign in with the same identity", async () => {
    expect(await callsOfSecond(signedBy(), signedBy())).toBe(0);
    expect(await callsOfSecond(iam(), iam())).toBe(0);
  });

  test.each([
    ["another access key", () => signedBy(), () => signedBy(OTHER)],
    ["another IAM user", () => iam(), () => iam("another")],
    ["another mode", () => signedBy(), () => iam()],
    ["no credentials", () => signedBy(), () => ({ MODELARTS_AUTH: "none" })],
  ])("share no pages with a gateway that has %s", async (name, first, second) => {
    simulator.set({ users: [USER, { ...USER, user: "another" }] });
    if (name === "no credentials") simulator.set({ users: null, accessKeys: null });
    expect(await callsOfSecond(first(), second())).toBeGreaterThan(0);
  });
});
