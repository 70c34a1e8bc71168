import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { ACCESS_KEY } from "../../support/access/access-key.js";
import { eventually } from "../../support/eventually.js";
import { Follower, sseClient } from "../../support/live/live-clients.js";
import { askEvents, pageOf } from "../../support/processes/gateway-client.js";
import { runGateway } from "../../support/processes/gateway-process.js";
import { startInProcessGateway, type InProcessGateway } from "../../support/processes/in-process-gateway.js";
import { metricOf } from "../../support/processes/load.js";
import { RedisServer } from "../../support/redis/redis.js";

/** A mounted secret of Kubernetes: links to files under `..data`, which is itself a link that is replaced. */
class MountedSecret {
  #version = 0;

  private constructor(private readonly directory: string) {}

  static async mount(files: Record<string, string>): Promise<MountedSecret> {
    const secret = new MountedSecret(await mkdtemp(join(tmpdir(), "secret-")));
    await secret.replace(files);
    for (const name of Object.keys(files)) await symlink(join("..data", name), secret.path(name));
    return secret;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  async replace(files: Record<string, string>): Promise<void> {
    this.#version += 1;
    const version = `..version-${this.#version}`;
    await mkdir(this.path(version));
    for (const [name, text] of Object.entries(files)) await writeFile(join(this.path(version), name), text);
    await symlink(version, this.path("..data_tmp"));
    await rename(this.path("..data_tmp"), this.path("..data"));
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

let simulator: Simulator;
let stops: (() => unknown)[];

beforeEach(async () => {
  simulator = await startSimulator();
  stops = [() => simulator.close()];
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
});

async function mount(files: Record<string, string>): Promise<MountedSecret> {
  const secret = await MountedSecret.mount(files);
  stops.push(() => secret.remove());
  return secret;
}

async function start(env: Record<string, string>): Promise<InProcessGateway> {
  const gateway = await startInProcessGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_PROJECT_ID: "demo-project",
    CACHE_HEAD_TTL_MS: "0",
    CACHE_STALE_MS: "0",
    UPSTREAM_RETRIES: "0",
    ALLOW_ANONYMOUS: "on",
    ...env,
  });
  stops.push(() => gateway.close());
  return gateway;
}

async function outcome(gateway: InProcessGateway, id = "events-1"): Promise<string> {
  const { errors } = await askEvents(gateway.url, { id, first: 1 });
  return errors[0]?.extensions.code ?? "OK";
}

const isSecretReplaced = ({ log }: InProcessGateway): boolean =>
  log.some(({ msg }) => String(msg).startsWith("A secret in cache keys was replaced"));

test("a replaced access key is used for the next signature, even during the pause of the old one", async () => {
  const { accessKey, secretKey } = ACCESS_KEY;
  simulator.set({ accessKeys: [{ ...ACCESS_KEY, securityToken: "old token" }] });
  const secret = await mount({ ak: `${accessKey}\n`, sk: `${secretKey}\n`, token: "old token\n" });
  const gateway = await start({
    MODELARTS_AUTH: "aksk",
    HUAWEICLOUD_SDK_AK_FILE: secret.path("ak"),
    HUAWEICLOUD_SDK_SK_FILE: secret.path("sk"),
    HUAWEICLOUD_SDK_SECURITY_TOKEN_FILE: secret.path("token"),
  });
  expect(await outcome(gateway)).toBe("OK");
  simulator.set({
    accessKeys: [{ accessKey: "AKNEW", secretKey: "new secret", securityToken: "new token" }],
  });
  const paused = (): Promise<number> => metricOf(gateway.url, "modelarts_credentials_paused");
  for (const id of ["events-1", "events-100", "events-101"]) {
    expect(await outcome(gateway, id)).toBe("UNAUTHENTICATED");
  }
  expect(await paused()).toBe(1);
  await secret.replace({ ak: "AKNEW", sk: "new secret", token: "new token" });
  await eventually(async () => (await outcome(gateway)) === "OK");
  expect(await paused()).toBe(0);
});

test("no page that a new access key has read is shown to those who may read with the old key", async () => {
  const redis = await RedisServer.start();
  stops.push(() => redis.stop());
  const other = { accessKey: "AKOTHER", secretKey: "other secret" };
  simulator.jobs.create("events-1", [{ message: "only for the other key" }], "other");
  simulator.set({
    accessKeys: [
      { ...ACCESS_KEY, projects: ["demo-project"] },
      { ...other, projects: ["other"] },
    ],
  });
  const secret = await mount({ ak: ACCESS_KEY.accessKey, sk: ACCESS_KEY.secretKey });
  const shared = { MODELARTS_AUTH: "aksk", REDIS_URL: redis.url, CACHE_HEAD_TTL_MS: "60000" };
  const old = await start({
    ...shared,
    HUAWEICLOUD_SDK_AK: ACCESS_KEY.accessKey,
    HUAWEICLOUD_SDK_SK: ACCESS_KEY.secretKey,
  });
  const replaced = await start({
    ...shared,
    HUAWEICLOUD_SDK_AK_FILE: secret.path("ak"),
    HUAWEICLOUD_SDK_SK_FILE: secret.path("sk"),
  });
  for (const { url } of [old, replaced])
    await eventually(async () => (await metricOf(url, "cache_redis_up")) === 1);
  const ask = async ({ url }: InProcessGateway): Promise<string> => {
    const { errors } = await askEvents(url, { id: "events-1", projectId: "other", first: 1 });
    return errors[0]?.extensions.code ?? "OK";
  };
  await secret.replace({ ak: other.accessKey, sk: other.secretKey });
  await eventually(async () => (await ask(replaced)) === "OK");
  expect(await ask(old)).toBe("FORBIDDEN");
});

test("a replaced password is used for the next login, even during the pause of the old one", async () => {
  const user = { domain: "account", user: "reader", projects: ["demo-project"] };
  simulator.set({ users: [{ ...user, password: "new password" }] });
  const secret = await mount({ password: "old password\r\n" });
  const gateway = await start({
    MODELARTS_AUTH: "iam",
    IAM_ENDPOINT: simulator.url,
    IAM_DOMAIN: user.domain,
    IAM_USER: user.user,
    IAM_PASSWORD_FILE: secret.path("password"),
  });
  expect(await outcome(gateway)).toBe("UNAUTHENTICATED");
  const logins = simulator.calls.total;
  expect(await outcome(gateway)).toBe("UNAUTHENTICATED");
  expect(simulator.calls.total).toBe(logins);
  await secret.replace({ password: "new password\n" });
  await eventually(async () => (await outcome(gateway)) === "OK");
});

test("a replaced URL of Redis is used for the next connection", async () => {
  const redis = await RedisServer.start();
  stops.push(() => redis.stop());
  const urlWith = (password: string) => redis.url.replace("//", `//:${password}@`);
  const admin = redis.client();
  stops.push(() => {
    admin.disconnect();
  });
  await admin.config("SET", "requirepass", "old");
  await admin.auth("old");
  const secret = await mount({ url: urlWith("old") });
  const gateway = await start({
    MODELARTS_AUTH: "none",
    CACHE_HEAD_TTL_MS: "3600000",
    REDIS_URL_FILE: secret.path("url"),
  });
  await admin.config("SET", "requirepass", "new");
  await secret.replace({ url: urlWith("new") });
  await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  const up = () => metricOf(gateway.url, "cache_redis_up");
  await eventually(async () => {
    await outcome(gateway, "events-100");
    return (
      (await up()) === 1 &&
      String(await admin.call("CLIENT", "LIST"))
        .trim()
        .includes("\n")
    );
  });
  // Without CACHE_KEY_SECRET, the secret is derived from the new URL, too, as in processes that start with it.
  await eventually(() => isSecretReplaced(gateway));
  expect(await outcome(gateway, "events-101")).toBe("OK");
  const other = await start({
    MODELARTS_AUTH: "none",
    CACHE_HEAD_TTL_MS: "3600000",
    REDIS_URL: urlWith("new"),
  });
  simulator.calls.reset();
  expect(await outcome(other, "events-101")).toBe("OK");
  expect(simulator.calls.total).toBe(0);
});

test("a replaced secret of cache keys moves pages, live logs and hashes of callers in all processes", async () => {
  const redis = await RedisServer.start();
  stops.push(() => redis.stop());
  const admin = redis.client();
  stops.push(() => {
    admin.disconnect();
  });
  const channels = async (): Promise<string[]> => (await admin.call("pubsub", "channels", "*")) as string[];
  const secret = await mount({ key: "old secret" });
  const env = {
    MODELARTS_AUTH: "none",
    CACHE_KEY_SECRET_FILE: secret.path("key"),
    REDIS_URL: redis.url,
    // So long that the gateway does not renew anything during the test.
    CACHE_HEAD_TTL_MS: "3600000",
  };
  const gateways = [await start(env), await start(env)] as const;
  const [reader, other] = gateways;
  simulator.jobs.create("followed", [{ message: "event 1" }]);
  const newest = async ({ url }: InProcessGateway, headers: Record<string, string> = {}) => {
    const answer = await askEvents(url, { id: "followed", first: 1 }, { "x-auth-token": "MII", ...headers });
    return pageOf(answer).nodes[0]?.message;
  };
  const callers = (): Set<unknown> =>
    new Set(gateways.map(({ log }) => log.filter(({ msg }) => msg === "request").at(-1)?.["caller"]));
  const follower = new Follower(sseClient(other.url), { id: "followed", last: 1 });
  await eventually(async () => follower.messages.length === 1 && (await channels()).length === 1);
  for (const gateway of gateways) await newest(gateway);
  const [channel] = await channels();
  expect(simulator.calls.total).toBe(1);
  await eventually(() => callers().size === 1);
  const [caller] = callers();

  await secret.replace({ key: "new secret" });
  await eventually(async () => (await channels()).length === 1 && (await channels())[0] !== channel);
  await eventually(() => gateways.every(isSecretReplaced));
  simulator.calls.reset();
  for (const gateway of gateways) expect(await newest(gateway)).toBe("event 1");
  expect(simulator.calls.total).toBe(1);
  await eventually(() => callers().size === 1 && !callers().has(caller));
  simulator.jobs.add("followed", [{ message: "event 2" }]);
  await eventually(async () => (await newest(reader, { "cache-control": "max-age=0" })) === "event 2");
  await eventually(() => follower.messages.length === 2);
  expect(simulator.calls.total).toBe(2);
  follower.stop();
  await eventually(async () => (await channels()).length === 0);
});

test("a replaced access key is another tenant, so pages are read again", async () => {
  const { accessKey, secretKey } = ACCESS_KEY;
  simulator.set({ accessKeys: [ACCESS_KEY, { accessKey: "AKNEW", secretKey }] });
  const secret = await mount({ ak: accessKey });
  const gateway = await start({
    MODELARTS_AUTH: "aksk",
    HUAWEICLOUD_SDK_AK_FILE: secret.path("ak"),
    HUAWEICLOUD_SDK_SK: secretKey,
    CACHE_HEAD_TTL_MS: "3600000",
  });
  expect(await outcome(gateway)).toBe("OK");
  simulator.calls.reset();
  expect(await outcome(gateway)).toBe("OK");
  expect(simulator.calls.total).toBe(0);
  await secret.replace({ ak: "AKNEW" });
  await eventually(async () => (await outcome(gateway)) === "OK" && simulator.calls.total > 0);
});

test("a file that becomes unreadable or empty leaves the last value", async () => {
  simulator.set({ accessKeys: [ACCESS_KEY] });
  const secret = await mount({ sk: ACCESS_KEY.secretKey });
  const gateway = await start({
    MODELARTS_AUTH: "aksk",
    HUAWEICLOUD_SDK_AK: ACCESS_KEY.accessKey,
    HUAWEICLOUD_SDK_SK_FILE: secret.path("sk"),
  });
  for (const files of [{ sk: "\n" }, {}]) {
    await secret.replace(files);
    expect(await outcome(gateway)).toBe("OK");
  }
});

test("both variables, or a file without a value, end the gateway with 78; no content is shown", async () => {
  const secret = await mount({
    good: "hunter2-secret",
    empty: "\n",
    bad: "hunter2\u0007secret",
    both: "AKIA hunter2-secret",
  });
  const { exitCode, stderr } = await (
    await runGateway({
      MODELARTS_AUTH: "aksk",
      ALLOW_ANONYMOUS: "on",
      MODELARTS_ENDPOINT: "http://127.0.0.1:1",
      IAM_PASSWORD: "hunter2-password",
      IAM_PASSWORD_FILE: secret.path("good"),
      HUAWEICLOUD_SDK_AK_FILE: secret.path("both"),
      HUAWEICLOUD_SDK_SECURITY_TOKEN_FILE: secret.path("absent"),
      HUAWEICLOUD_SDK_SK_FILE: secret.path("bad"),
      CACHE_KEY_SECRET_FILE: secret.path("empty"),
    })
  ).ended;
  expect(exitCode).toBe(78);
  expect(stderr.trim().split("\n")).toEqual([
    `HUAWEICLOUD_SDK_AK_FILE: the content of "${secret.path("both")}" has a form that is not allowed; allowed: 1 to 256 printable characters without spaces`,
    `HUAWEICLOUD_SDK_SK_FILE: the content of "${secret.path("bad")}" holds a line break or another control character; allowed: text without line breaks and other control characters`,
    `HUAWEICLOUD_SDK_SECURITY_TOKEN_FILE: "${secret.path("absent")}" names a file that cannot be read (ENOENT); allowed: the path of a file with a value`,
    "IAM_PASSWORD, IAM_PASSWORD_FILE: both are set; allowed: one of them",
    `CACHE_KEY_SECRET_FILE: "${secret.path("empty")}" names an empty file; allowed: the path of a file with a value`,
  ]);
  expect(stderr).not.toContain("hunter2");
});
