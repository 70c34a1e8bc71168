import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { expect, test } from "@jest/globals";
import { request } from "undici";
import { decoded } from "../../support/decoded.js";
import { eventually } from "../../support/eventually.js";
import { type Answer, ask, askEvents, pageOf } from "../../support/processes/gateway-client.js";
import { simulatedGateway } from "../../support/processes/simulated-gateway.js";
import { metricOf } from "../../support/processes/load.js";

/** Of a head that a test sees end: long enough for the few requests after which an answer is repeated. */
const LIFE_MS = "2000";

const site = simulatedGateway({
  UPSTREAM_RETRIES: "0",
});

const repeats = (): Promise<number> => metricOf(site.gateway.url, 'fast_path_answers_total{way="repeat"}');

/** Asks the same until the whole answer is kept and repeated. */
async function askUntilRepeated<Data>(send: () => Promise<Answer<Data>>): Promise<Answer<Data>> {
  const before = await repeats();
  let last = await send();
  await eventually(async () => {
    last = await send();
    return (await repeats()) > before;
  });
  return last;
}

test("a kept answer ends with its data: new events are shown, and repeated in turn", async () => {
  await site.start({ MODELARTS_AUTH: "none", CACHE_HEAD_TTL_MS: LIFE_MS });
  const send = () => askEvents(site.gateway.url, { id: "events-101", first: 3 });
  expect(pageOf(await askUntilRepeated(send)).totalCount).toBe(101);
  site.simulator.jobs.add("events-101", [{ message: "news" }]);
  await eventually(async () => pageOf(await send()).nodes[0]?.message === "news");
  expect(pageOf(await askUntilRepeated(send)).totalCount).toBe(102);
});

test("a request with the same meaning is a repeat, another one is not", async () => {
  await site.start({ MODELARTS_AUTH: "none", CACHE_HEAD_TTL_MS: "3600000" });
  const query = `query ($id: ID!, $first: Int = 3, $order: TrainingJobEventOrder = NEWEST_FIRST) {
    trainingJob(id: $id) { events(first: $first, order: $order) { nodes { message } } }
  }`;
  const send = async (variables: Record<string, unknown>): Promise<string> => {
    const { body } = await request(site.gateway.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    return body.text();
  };
  const answer = await send({ id: "events-101" });
  await eventually(async () => {
    await send({ id: "events-101" });
    return (await repeats()) > 0;
  });
  let before = await repeats();
  for (const same of [
    { first: 3, id: "events-101" },
    { id: "events-101", undeclared: true },
    { order: "NEWEST_FIRST", id: "events-101" },
  ]) {
    expect(await send(same)).toBe(answer);
    before += 1;
    expect(await repeats()).toBe(before);
  }
  const others = [
    { id: "events-101", first: 2 },
    { id: "events-101", order: "OLDEST_FIRST" },
    { id: "events-1000" },
  ];
  for (const other of others) expect(await send(other)).not.toBe(answer);
  expect(await repeats()).toBe(before);
});

test("a repeat is only for callers whom the upstream lets read, and never without a token", async () => {
  await site.start({ CACHE_HEAD_TTL_MS: "3600000" });
  site.simulator.set({
    tokens: [{ token: "token-of-alice" }, { token: "token-of-bob", jobs: ["events-1"] }],
  });
  const send = (token?: string) =>
    askEvents(site.gateway.url, { id: "events-101" }, token === undefined ? {} : { "x-auth-token": token });
  const alice = await askUntilRepeated(() => send("token-of-alice"));
  expect(pageOf(alice).totalCount).toBe(101);
  const seen = await Promise.all(["token-of-bob", "token-of-eve", undefined].map(send));
  expect(seen.map(({ errors }) => errors[0]?.extensions.code)).toEqual([
    "FORBIDDEN",
    "UNAUTHENTICATED",
    "UNAUTHENTICATED",
  ]);
});

test("kept answers use a part of the cache's limit", async () => {
  await site.start({
    MODELARTS_AUTH: "none",
    CACHE_HEAD_TTL_MS: "3600000",
    CACHE_MEMORY_MAX_BYTES: "262144",
  });
  const send = (first: number) => askEvents(site.gateway.url, { id: "events-101", first });
  for (const first of [48, 49, 50]) await askUntilRepeated(() => send(first));
  const before = await repeats();
  await send(50);
  expect(await repeats()).toBe(before + 1);
  // Each of the three takes more than a third of a quarter of the bound.
  await send(48);
  expect(await repeats()).toBe(before + 1);
});

test("the headers of requests count in that limit", async () => {
  await site.start({
    MODELARTS_AUTH: "none",
    CACHE_HEAD_TTL_MS: "3600000",
    CACHE_MEMORY_MAX_BYTES: "262144",
  });
  const accept = `application/json, ${"x/y, ".repeat(5_000)}*/*`;
  const send = (first: number) => askEvents(site.gateway.url, { id: "events-101", first }, { accept });
  for (const first of [1, 2, 3]) await askUntilRepeated(() => send(first));
  const before = await repeats();
  await send(3);
  expect(await repeats()).toBe(before + 1);
  await send(1);
  expect(await repeats()).toBe(before + 1);
});

test("a stale page is never kept, and is marked as stale", async () => {
  await site.start({ MODELARTS_AUTH: "none", CACHE_HEAD_TTL_MS: LIFE_MS });
  const send = () => askEvents(site.gateway.url, { id: "events-101", first: 3 });
  await askUntilRepeated(send);
  site.simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null });
  await eventually(async () => (await send()).extensions["cache"] !== undefined);
  const kept = await repeats();
  for (let time = 0; time < 4; time += 1) {
    expect((await send()).extensions["cache"]).toMatchObject({ stale: true });
  }
  expect(await repeats()).toBe(kept);
});

test("a repeat has the coding that its own client accepts", async () => {
  await site.start({ MODELARTS_AUTH: "none", CACHE_HEAD_TTL_MS: "3600000" });
  const body = JSON.stringify({
    query: `{ trainingJob(id: "events-101") { events { nodes { time message } } } }`,
  });
  const send = async (coding: string | undefined) => {
    const headers = {
      "content-type": "application/json",
      ...(coding === undefined ? {} : { "accept-encoding": coding }),
    };
    const answer = await request(site.gateway.url, { method: "POST", headers, body });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    expect(answer.headers["content-encoding"]).toBe(coding);
    expect(answer.headers["content-length"]).toBe(String(bytes.length));
    expect(answer.headers["vary"]).toContain("Accept-Encoding");
    return { text: decoded(answer.headers, bytes), size: bytes.length };
  };
  const rounds = [];
  for (let time = 0; time < 5; time += 1) {
    rounds.push([await send(undefined), await send("gzip"), await send("br")]);
  }
  // Apollo Server answers one; then for each of the three a plan, one that is kept, and repeats.
  expect(await repeats()).toBe(8);
  const [[plain] = []] = rounds;
  for (const { text } of rounds.flat()) expect(text).toBe(plain?.text);
  const sizes = rounds.map((round) => round.map(({ size }) => size));
  expect(sizes[4]).toEqual(sizes[3]);
  for (const [whole = 0, gzip = 0, br = 0] of sizes) {
    expect(gzip).toBeLessThan(whole / 3);
    expect(br).toBeLessThan(whole / 3);
  }
});

/** Bodies that ask for the totals of two jobs and have the same checksum. */
function twins(): readonly [first: string, second: string] {
  const bodyOf = (id: string, n: number): string => {
    // Mixed, so that many bits differ; of constant length, so that equal checksums stay equal after any prefix.
    const mixed = (Math.imul(n, 0x9e3779b1) ^ (Math.imul(n, 0x85ebca6b) >>> 13)) >>> 0;
    const variables = { n: mixed.toString(36).padStart(8, "0") };
    return JSON.stringify({ query: `{ trainingJob(id: "${id}") { events { totalCount } } }`, variables });
  };
  const numbers = Array.from({ length: 300_000 }, (_, index) => index + 1);
  const known = new Map(numbers.map((n) => [crc32(bodyOf("events-100", n)), n]));
  for (const n of numbers) {
    const other = known.get(crc32(bodyOf("events-101", n)));
    if (other !== undefined) return [bodyOf("events-100", other), bodyOf("events-101", n)];
  }
  throw new Error("No two bodies have the same checksum.");
}

test("requests that have the same checksum get their own answers", async () => {
  await site.start({ MODELARTS_AUTH: "none", CACHE_HEAD_TTL_MS: "3600000" });
  const send = async (body: string): Promise<unknown> => {
    const headers = { "content-type": "application/json" };
    return (await request(site.gateway.url, { method: "POST", headers, body })).body.json();
  };
  const [first, second] = twins();
  for (let time = 0; time < 5; time += 1) {
    expect(await send(first)).toMatchObject({ data: { trainingJob: { events: { totalCount: 100 } } } });
  }
  expect(await repeats()).toBeGreaterThan(0);
  for (let time = 0; time < 5; time += 1) {
    expect(await send(second)).toMatchObject({ data: { trainingJob: { events: { totalCount: 101 } } } });
    expect(await send(first)).toMatchObject({ data: { trainingJob: { events: { totalCount: 100 } } } });
  }
});

test("each request keeps its own ID, and a failing read causes one upstream call", async () => {
  await site.start({ MODELARTS_AUTH: "none", CACHE_HEAD_TTL_MS: "0", CACHE_STALE_MS: "0" });
  const query = `query Total($id: ID!) { trainingJob(id: $id) { events { totalCount } } }`;
  const send = (id: string, requestId: string) =>
    ask(site.gateway.url, query, { id }, { "x-request-id": requestId });
  await send("events-1", "first");
  expect((await send("events-100", "second")).headers["x-request-id"]).toBe("second");
  site.simulator.calls.reset();
  site.simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null });
  const failed = await send("events-101", "third");
  expect(failed.errors[0]?.extensions.code).toBe("UPSTREAM_UNAVAILABLE");
  expect(failed.headers["x-request-id"]).toBe("third");
  expect(site.simulator.calls.list.map(({ headers }) => headers["x-request-id"])).toEqual(["third"]);
});

test("a body in several chunks, or of another form, is read completely", async () => {
  await site.start({ MODELARTS_AUTH: "none" });
  const body = JSON.stringify({ query: `{ trainingJob(id: "events-1") { id } }` });
  const pieces = async function* (): AsyncGenerator<string> {
    yield body.slice(0, 10);
    await Promise.resolve();
    yield body.slice(10);
  };
  const headers = { "content-type": "application/json" };
  for (let time = 0; time < 3; time += 1) {
    const whole = await request(site.gateway.url, { method: "POST", headers, body });
    const chunked = await request(site.gateway.url, {
      method: "POST",
      headers,
      body: Readable.from(pieces()),
    });
    const counted = { ...headers, "content-length": String(body.length) };
    const pieced = await request(site.gateway.url, {
      method: "POST",
      headers: counted,
      body: Readable.from(pieces()),
    });
    for (const answer of [whole, chunked, pieced]) {
      expect(await answer.body.json()).toEqual({ data: { trainingJob: { id: "events-1" } } });
    }
  }
});

test("an empty operation name is an error, even for a known operation", async () => {
  await site.start({ MODELARTS_AUTH: "none", CACHE_HEAD_TTL_MS: "3600000" });
  const query = `{ trainingJob(id: "events-1") { events(first: 1) { totalCount } } }`;
  const send = async (operationName: string | null): Promise<number> => {
    const { body } = await request(site.gateway.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, operationName }),
    });
    return ((await body.json()) as { errors?: unknown[] }).errors?.length ?? 0;
  };
  for (let time = 0; time < 3; time += 1) expect(await send(null)).toBe(0);
  expect(await send("")).toBe(1);
});

test("a long operation name is cut in the log, both in the fast path and in Apollo Server", async () => {
  await site.start({ MODELARTS_AUTH: "none" });
  const query = `query ${"N".repeat(150)} { trainingJob(id: "events-1") { events(first: 1) { totalCount } } }`;
  await askUntilRepeated(() => ask(site.gateway.url, query));
  const lines = () => site.gateway.log.filter((line) => JSON.stringify(line).includes("NNN"));
  await eventually(() => lines().length >= 3);
  for (const line of lines()) expect(line).toMatchObject({ operationName: "N".repeat(100) });
});
