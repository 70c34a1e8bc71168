import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createJwtCheck, type JwtCheck, type JwtCheckOptions } from "../../../src/http/jwt/jwt-check.js";
import { type CallerAuthorization } from "../../../src/http/caller-authorization.js";
import { GatewayError } from "../../../src/errors.js";
import { JwtIssuer } from "../../support/access/jwt-issuer.js";

const START_MS = Date.UTC(2026, 0, 5, 9);
const NOW_S = START_MS / 1_000;
const IN_AN_HOUR = NOW_S + 3_600;
const MINUTE_MS = 60_000;

let issuer: JwtIssuer;
let clockMs: number;
let refusals: string[];
let faults: unknown[];

beforeEach(async () => {
  issuer = await JwtIssuer.start();
  clockMs = START_MS;
  refusals = [];
  faults = [];
});
afterEach(() => issuer.close());

function createCheck(changes: Partial<JwtCheckOptions> = {}): JwtCheck {
  return createJwtCheck({
    url: issuer.url,
    issuers: null,
    audiences: null,
    projectsClaim: null,
    anonymous: false,
    hash: (text) => `hash of ${text}`,
    onRefusal: (reason) => refusals.push(reason),
    onFault: (fault) => faults.push(fault),
    nowMs: () => clockMs,
    ...changes,
  });
}

const waiter = () => ({ signal: new AbortController().signal, deadlineMs: Number.MAX_SAFE_INTEGER });
const look = (check: JwtCheck, jwt: string): Promise<CallerAuthorization> =>
  check.check(`Bearer ${jwt}`, waiter());

/** `good`, or the reason that was counted. */
async function verdict(check: JwtCheck, jwt: string): Promise<string> {
  const { refusal } = await look(check, jwt);
  return refusal === null ? "good" : (refusals.at(-1) ?? "uncounted");
}

describe("claims", () => {
  test.each([
    ["a good one", {}, "good"],
    ["one that ended 29 s ago", { exp: NOW_S - 29 }, "good"],
    ["one that ended 30 s ago", { exp: NOW_S - 30 }, "expired"],
    ["one from in 30 s", { nbf: NOW_S + 30 }, "good"],
    ["one from in 31 s", { nbf: NOW_S + 31 }, "not_yet_valid"],
    ["one without an end", { exp: undefined }, "claims"],
    ["another issuer", { iss: "https://other.example" }, "issuer"],
    ["no issuer", { iss: undefined }, "issuer"],
    ["another audience", { aud: "other" }, "audience"],
    ["several audiences", { aud: ["other", "gateway"] }, "good"],
    ["no audience", { aud: undefined }, "audience"],
  ])("%s", async (_name, claims, expected) => {
    const check = createCheck({ issuers: ["https://id.example"], audiences: ["gateway"] });
    const all = { exp: IN_AN_HOUR, iss: "https://id.example", aud: "gateway", ...claims };
    expect(await verdict(check, await issuer.sign(all))).toBe(expected);
  });

  test.each([
    ["https://one.example", "web", "good"],
    ["https://two.example", "app", "good"],
    ["https://three.example", "web", "issuer"],
    ["https://one.example", "other", "audience"],
  ])("with lists of two issuers and two audiences, %s for %s is %s", async (iss, aud, expected) => {
    const issuers = ["https://one.example", "https://two.example"];
    const check = createCheck({ issuers, audiences: ["web", "app"] });
    expect(await verdict(check, await issuer.sign({ exp: IN_AN_HOUR, iss, aud }))).toBe(expected);
  });

  test("of issuer and audience do not matter if none is set", async () => {
    const jwt = await issuer.sign({ exp: IN_AN_HOUR, iss: "https://other.example", aud: "other" });
    expect(await verdict(createCheck(), jwt)).toBe("good");
  });

  test("no error repeats a part of the JWT, and none is retryable", async () => {
    const check = createCheck({ issuers: ["https://id.example"] });
    const jwts = [
      await issuer.sign({ exp: NOW_S - 60, iss: "https://id.example" }),
      await issuer.sign({ exp: IN_AN_HOUR, iss: "https://secret.example" }),
      "not.a.jwt",
    ];
    for (const jwt of jwts) {
      const { refusal } = await look(check, jwt);
      expect(refusal).toMatchObject({ code: "UNAUTHENTICATED", retryable: false });
      expect(refusal?.message).not.toMatch(/example|not\.a\.jwt/);
    }
  });
});

describe("Authorization", () => {
  test.each([
    [undefined, "missing"],
    ["", "malformed"],
    ["Basic YTpi", "malformed"],
    ["Bearer", "malformed"],
    ["Bearer a.b", "malformed"],
    ["Bearer a.b.c.d.e", "malformed"],
    ["Bearer a.b.c, Bearer a.b.c", "malformed"],
    [`Bearer ${"a".repeat(20_000)}.b.c`, "malformed"],
  ])("%s is %s, without a request for keys", async (authorization, reason) => {
    const { refusal } = await createCheck().check(authorization, waiter());
    expect(refusal?.code).toBe("UNAUTHENTICATED");
    expect(refusals).toEqual([reason]);
    expect(issuer.requests).toBe(0);
  });

  test("may be missing if anonymous callers are served", async () => {
    const check = createCheck({ anonymous: true });
    expect(check.known(undefined)).toEqual({ refusal: null, untilMs: Infinity });
    expect(check.known("")).toBeNull();
    expect(await verdict(check, "a.b.c")).toBe("malformed");
  });
});

describe("algorithms", () => {
  test("with a public key used as a shared secret are refused", async () => {
    const shared = new TextEncoder().encode(JSON.stringify(await exportJWK(await publicKey())));
    const jwt = await new SignJWT({ exp: IN_AN_HOUR })
      .setProtectedHeader({ alg: "HS256", kid: "key-1" })
      .sign(shared);
    expect(await verdict(createCheck(), jwt)).toBe("algorithm");
  });

  test("without a signature are refused", async () => {
    const [, payload] = (await issuer.sign({ exp: IN_AN_HOUR })).split(".");
    const header = Buffer.from('{"alg":"none","kid":"key-1"}').toString("base64url");
    expect(await verdict(createCheck(), `${header}.${payload}.AA`)).toBe("algorithm");
  });

  async function publicKey() {
    return (await generateKeyPair("ES256", { extractable: true })).publicKey;
  }
});

describe("a remembered JWT", () => {
  test("is known until it expires, for two minutes at most, only with its own header", async () => {
    const check = createCheck();
    const jwt = await issuer.sign({ exp: IN_AN_HOUR });
    expect(check.known(`Bearer ${jwt}`)).toBeNull();
    await look(check, jwt);
    expect(check.known(`Bearer ${jwt}`)).toMatchObject({
      refusal: null,
      untilMs: START_MS + 2 * MINUTE_MS,
    });
    expect(check.known(`Bearer ${jwt.slice(0, -1)}`)).toBeNull();
    clockMs += 2 * MINUTE_MS;
    expect(check.known(`Bearer ${jwt}`)).toBeNull();

    const short = await issuer.sign({ exp: clockMs / 1_000 + 60 });
    await look(check, short);
    clockMs += MINUTE_MS - 1;
    expect(check.known(`Bearer ${short}`)).not.toBeNull();
    clockMs += 1;
    expect(check.known(`Bearer ${short}`)).toBeNull();
  });

  test("is never a refused one", async () => {
    const check = createCheck();
    const jwt = await issuer.sign({ exp: NOW_S - 60 });
    await look(check, jwt);
    expect(check.known(`Bearer ${jwt}`)).toBeNull();
  });

  test("is one of a limited number", async () => {
    const check = createCheck();
    const first = await issuer.sign({ exp: IN_AN_HOUR });
    await look(check, first);
    // The header may be written in other ways, each of which is another key.
    const others = Array.from(
      { length: 10_000 },
      (_, n) => `Bearer ${" ".repeat(n % 100)}${first}${" ".repeat(n / 100)}`,
    );
    for (const other of others.slice(1)) await check.check(other, waiter());
    await check.check(`bearer ${first}`, waiter());
    expect(check.known(`Bearer ${first}`)).toBeNull();
  });
});

describe("keys", () => {
  test("are fetched once for all concurrent callers", async () => {
    const check = createCheck();
    const jwts = await Promise.all(
      Array.from({ length: 20 }, (_, n) => issuer.sign({ exp: IN_AN_HOUR, jti: `${n}` })),
    );
    await Promise.all(jwts.map((jwt) => look(check, jwt)));
    expect(issuer.requests).toBe(1);
  });

  test("that are new are fetched at once, but not within 10 s after the last time", async () => {
    const check = createCheck();
    expect(await verdict(check, await issuer.sign({ exp: IN_AN_HOUR }))).toBe("good");
    await issuer.addKey("key-2");
    const jwt = await issuer.sign({ exp: IN_AN_HOUR, kid: "key-2" });
    expect(await verdict(check, jwt)).toBe("unknown_key");
    clockMs += 10_000;
    expect(await verdict(check, jwt)).toBe("good");
    expect(issuer.requests).toBe(2);
    const stray = await issuer.sign({ exp: IN_AN_HOUR, kid: "key-3", key: issuer.privateKey("key-2") });
    for (let time = 0; time < 5; time += 1) expect(await verdict(check, stray)).toBe("unknown_key");
    expect(issuer.requests).toBe(2);
  });

  test("are renewed in the background, so that a withdrawn key ends", async () => {
    const check = createCheck();
    const [one, two] = [
      await issuer.sign({ exp: IN_AN_HOUR }),
      await issuer.sign({ exp: IN_AN_HOUR, jti: "2" }),
    ];
    await look(check, one);
    issuer.withdrawKey("key-1");
    await issuer.addKey("key-2");
    clockMs += 2 * MINUTE_MS;
    // The one that is the occasion is still judged by the keys that are there.
    expect(await verdict(check, two)).toBe("good");
    await issuer.sign({ kid: "key-2", exp: IN_AN_HOUR }).then((jwt) => look(check, jwt));
    expect(await verdict(check, one)).toBe("unknown_key");
  });

  test("that cannot be fetched are not the JWT's fault, and are not fetched for each JWT", async () => {
    issuer.fault = (response) => response.destroy();
    const check = createCheck();
    const jwt = await issuer.sign({ exp: IN_AN_HOUR });
    const { refusal } = await look(check, jwt);
    expect(refusal).toMatchObject({
      code: "UPSTREAM_UNAVAILABLE",
      retryable: true,
      message: "The keys for JWTs are temporarily unavailable.",
      details: { retryAfterMs: 2_000 },
    });
    for (let time = 0; time < 5; time += 1) expect(await verdict(check, jwt)).toBe("keys_unavailable");
    expect(issuer.requests).toBe(1);
    expect(faults).toHaveLength(1);
    issuer.fault = null;
    clockMs += 2_000;
    expect(await verdict(check, jwt)).toBe("good");
  });

  test("are not fetched again right after a failed fetch", async () => {
    issuer.fault = (response) => {
      clockMs += 5_000;
      response.destroy();
    };
    const check = createCheck();
    const jwt = await issuer.sign({ exp: IN_AN_HOUR });
    for (let time = 0; time < 3; time += 1) expect(await verdict(check, jwt)).toBe("keys_unavailable");
    expect(issuer.requests).toBe(1);
    clockMs += 2_000;
    await verdict(check, jwt);
    expect(issuer.requests).toBe(2);
  });

  test("are tried one after the other, ten at most, if the JWT names none", async () => {
    for (let n = 2; n <= 11; n += 1) await issuer.addKey(`key-${n}`);
    const check = createCheck();
    const signedBy = async (kid: string): Promise<string> =>
      verdict(check, await issuer.sign({ exp: IN_AN_HOUR, kid: null, key: issuer.privateKey(kid) }));
    expect(await signedBy("key-1")).toBe("good");
    expect(await signedBy("key-10")).toBe("good");
    expect(await signedBy("key-11")).toBe("signature");
    const { privateKey } = await generateKeyPair("ES256");
    const stray = await issuer.sign({ exp: IN_AN_HOUR, kid: null, key: privateKey });
    expect(await verdict(check, stray)).toBe("signature");
    const over = await issuer.sign({ exp: NOW_S - 60, kid: null, key: issuer.privateKey("key-2") });
    expect(await verdict(check, over)).toBe("expired");
  });

  test("are used for ten minutes if they cannot be renewed", async () => {
    const check = createCheck();
    const jwt = await issuer.sign({ exp: IN_AN_HOUR });
    await look(check, jwt);
    issuer.fault = (response) => response.writeHead(503).end();
    for (let minute = 0; minute < 9; minute += 1) {
      clockMs += MINUTE_MS;
      expect(await verdict(check, jwt)).toBe("good");
    }
    const stray = await issuer.sign({ exp: IN_AN_HOUR, kid: "key-9", key: issuer.privateKey("key-1") });
    // It may be a new key.
    expect(await verdict(check, stray)).toBe("keys_unavailable");
    clockMs += 2 * MINUTE_MS;
    expect(await verdict(check, jwt)).toBe("keys_unavailable");
  });

  test.each<[string, JwtIssuer["fault"]]>([
    ["a redirect", (response) => response.writeHead(302, { location: "/elsewhere" }).end()],
    ["no JSON", (response) => response.end("<html>")],
    ["no key set", (response) => response.end('{"keys":1}')],
    ["a key set without an end", (response) => response.end(`{"keys":[${" ".repeat(300_000)}]}`)],
  ])("%s are not a key set", async (_name, fault) => {
    issuer.fault = fault;
    expect(await verdict(createCheck(), await issuer.sign({ exp: IN_AN_HOUR }))).toBe("keys_unavailable");
    expect(issuer.requests).toBe(1);
  });

  test("that cannot be used are reported, and are not the JWT's fault", async () => {
    issuer.fault = (response) =>
      response.end('{"keys":[{"kty":"EC","crv":"P-256","kid":"key-1","x":"AA","y":"AA"}]}');
    expect(await verdict(createCheck(), await issuer.sign({ exp: IN_AN_HOUR }))).toBe("keys_unavailable");
    expect(faults).toHaveLength(1);
  });

  test("are not waited for longer than the caller waits", async () => {
    issuer.fault = () => undefined;
    const aborting = new AbortController();
    const error = new GatewayError("UPSTREAM_TIMEOUT", "The operation took longer than it may.");
    const check = createCheck();
    const looking = check.check(`Bearer ${await issuer.sign({ exp: IN_AN_HOUR })}`, {
      signal: aborting.signal,
      deadlineMs: Number.MAX_SAFE_INTEGER,
    });
    aborting.abort(error);
    expect((await looking).refusal).toBe(error);
    expect(refusals).toEqual([]);
  });
});
