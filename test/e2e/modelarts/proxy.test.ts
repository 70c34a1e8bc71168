import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { type AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { ACCESS_KEY, signedBy } from "../../support/access/access-key.js";
import { JwtIssuer } from "../../support/access/jwt-issuer.js";
import { askEvents, pageOf } from "../../support/processes/gateway-client.js";
import { type GatewayProcess, runGateway, startGateway } from "../../support/processes/gateway-process.js";
import { type HttpProxy, startHttpProxy } from "../../support/processes/http-proxy.js";
import { makeCertificate } from "../../support/redis/certificate.js";
import { eventually } from "../../support/eventually.js";

const certificate = makeCertificate("DNS:localhost");

let simulator: Simulator;
/** ModelArts with TLS: passes everything on to the simulator. */
let upstream: Server;
let issuer: JwtIssuer;
let proxy: HttpProxy;
let gateway: GatewayProcess | null = null;

beforeAll(async () => {
  [simulator, issuer, proxy] = await Promise.all([
    startSimulator(),
    JwtIssuer.start(),
    startHttpProxy({ name: "gateway", password: "pass-word" }),
  ]);
  upstream = createServer(
    { key: readFileSync(certificate.keyFile), cert: readFileSync(certificate.caFile) },
    (request, response) => {
      void fetch(`${simulator.url}${request.url ?? ""}`).then(async (answer) => {
        response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
      });
    },
  ).listen(0, "localhost");
  await once(upstream, "listening");
});

afterEach(async () => {
  await gateway?.stop();
  gateway = null;
});

afterAll(async () => {
  upstream.closeAllConnections();
  upstream.close();
  await Promise.all([simulator.close(), issuer.close(), proxy.stop()]);
});

const tlsEndpoint = (): string => `https://localhost:${(upstream.address() as AddressInfo).port}`;

/** The code of the answer to one query of a gateway with these settings. */
async function answerOf(env: Record<string, string>, headers: Record<string, string> = {}): Promise<string> {
  gateway = await startGateway({
    MODELARTS_PROJECT_ID: "demo-project",
    UPSTREAM_RETRIES: "0",
    LOG_LEVEL: "info",
    ...env,
  });
  const answer = await askEvents(gateway.url, { id: "events-1", first: 1 }, headers);
  return answer.errors[0]?.extensions.code ?? `${pageOf(answer).totalCount} event`;
}

test("HTTPS_PROXY: ModelArts is reached through a tunnel, with a private CA of NODE_EXTRA_CA_CERTS", async () => {
  const env = {
    MODELARTS_ENDPOINT: tlsEndpoint(),
    MODELARTS_AUTH: "none",
    HTTPS_PROXY: proxy.url,
    NODE_EXTRA_CA_CERTS: certificate.caFile,
  };
  expect(await answerOf(env)).toBe("1 event");
  expect(await proxy.log()).toContain(`CONNECT ${tlsEndpoint().slice("https://".length)}`);
});

test("HTTP_PROXY: ModelArts and the key set of JWTs are reached through the proxy", async () => {
  simulator.set({
    accessKeys: [ACCESS_KEY],
  });
  const env = {
    MODELARTS_ENDPOINT: simulator.url,
    JWT_JWKS_URL: issuer.url,
    http_proxy: proxy.url,
    ...signedBy(),
  };
  expect(await answerOf(env, { authorization: `Bearer ${await issuer.sign()}` })).toBe("1 event");
  simulator.set({ accessKeys: null });
  const log = await proxy.log();
  expect(log).toContain(`GET ${simulator.url}/v2/demo-project/training-jobs/events-1/events`);
  expect(log).toContain(`GET ${issuer.url}`);
});

test("NO_PROXY: the proxy is not used for the hosts that it names", async () => {
  const before = await proxy.log();
  const env = {
    MODELARTS_ENDPOINT: tlsEndpoint(),
    MODELARTS_AUTH: "none",
    HTTPS_PROXY: proxy.url,
    NO_PROXY: "other.example,localhost",
    NODE_EXTRA_CA_CERTS: certificate.caFile,
  };
  expect(await answerOf(env)).toBe("1 event");
  expect(await proxy.log()).toBe(before);
});

test("the built-in simulator is never reached through a proxy", async () => {
  expect(await answerOf({ HTTP_PROXY: "http://127.0.0.1:1", http_proxy: "http://127.0.0.1:1" })).toBe(
    "1 event",
  );
});

test.each([
  ["https", "a proxy that refuses the password", () => proxy.url.replace("pass-word", "wrong")],
  ["https", "a proxy that is not there", () => "http://127.0.0.1:1"],
  ["http", "a proxy that is not there", () => "127.0.0.1:1"],
])(
  "over %s, %s is UPSTREAM_UNAVAILABLE, and the log names the proxy but no password",
  async (scheme, _name, url) => {
    const env = {
      MODELARTS_ENDPOINT: scheme === "https" ? tlsEndpoint() : simulator.url,
      MODELARTS_AUTH: "none",
      HTTPS_PROXY: url(),
      HTTP_PROXY: url(),
      NODE_EXTRA_CA_CERTS: certificate.caFile,
    };
    expect(await answerOf(env)).toBe("UPSTREAM_UNAVAILABLE");
    await eventually(() => /"reason":"proxy"/.test(gateway?.stdout() ?? ""));
    expect(gateway?.stdout()).not.toMatch(/wrong|pass-word/);
  },
);

test("a certificate of an unknown CA is UPSTREAM_UNAVAILABLE, and the log names NODE_EXTRA_CA_CERTS", async () => {
  const env = { MODELARTS_ENDPOINT: tlsEndpoint(), MODELARTS_AUTH: "none", HTTPS_PROXY: proxy.url };
  expect(await answerOf(env)).toBe("UPSTREAM_UNAVAILABLE");
  await eventually(() => /"reason":"tls".*NODE_EXTRA_CA_CERTS/.test(gateway?.stdout() ?? ""));
});

test.each([
  ["HTTP_PROXY", "socks5://user:hunter2@proxy:1080", "is not an http or https URL"],
  ["HTTP_PROXY", "http://user:hunter2@pro xy", "is not an http or https URL"],
  ["http_proxy", "http://user:%hunter2@proxy", "has a user or password with a % that is not written as %25"],
  ["HTTPS_PROXY", "http://:99999", "is not an http or https URL"],
])("an invalid %s ends the gateway with 78, and its value is not shown", async (name, value, problem) => {
  const isTls = name === "HTTPS_PROXY";
  const { exitCode, stderr } = await (
    await runGateway({
      MODELARTS_ENDPOINT: isTls ? "https://modelarts.example.com" : "http://modelarts.example.com",
      MODELARTS_AUTH: "none",
      LOG_LEVEL: "silent",
      [name]: value,
    })
  ).ended;
  expect({ exitCode, stderr }).toEqual({
    exitCode: 78,
    stderr: `${name.toUpperCase()}: the value ${problem}; allowed: http://host:port or https://host:port\n`,
  });
});
