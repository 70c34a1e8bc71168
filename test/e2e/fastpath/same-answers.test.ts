import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type FormattedExecutionResult } from "graphql";
import { Agent, request } from "undici";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { decoded } from "../../support/decoded.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { operations } from "../../support/operations.js";
import { withoutPlan } from "../../support/without-plan.js";

const RUNS = 5_000;
/** Some 40,000 requests: on a busy machine they take longer than other tests may. */
const LIMIT_MS = 600_000;
/** Times that each operation is sent; those that others have sent before are planned and recalled at once. */
const TIMES = 4;

let simulator: Simulator;
let fast: GatewayProcess;
let plain: GatewayProcess;
const dispatcher = new Agent({ connections: 4 });

beforeAll(async () => {
  simulator = await startSimulator();
  const settings = {
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    LOG_LEVEL: "warn",
    // The log does not change, so both give the same answers however long the test takes.
    CACHE_HEAD_TTL_MS: "3600000",
    UPSTREAM_RETRIES: "0",
  };
  [fast, plain] = await Promise.all([
    startGateway(settings),
    startGateway({ ...settings, FAST_PATH: "off" }),
  ]);
});

afterAll(async () => {
  await Promise.all([fast.stop(), plain.stop(), dispatcher.close()]);
  await simulator.close();
});

type Seen = {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
};

/** The headers that may differ: the time, the two about how long the answer took, and the compressed length. */
const UNLIKE = new Set(["date", "server-timing", "timing-allow-origin", "content-length"]);

async function send(url: string, body: string, headers: Record<string, string>): Promise<Seen> {
  const sent = { "content-type": "application/json", "x-request-id": "same", ...headers };
  const answer = await request(url, { method: "POST", body, headers: sent, dispatcher });
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  expect(answer.headers["content-length"]).toBe(String(bytes.length));
  const answered = Object.entries(answer.headers).filter(([name]) => !UNLIKE.has(name));
  return {
    status: answer.statusCode,
    // Within a second of a refusal the gateway repeats it without a call, and so without an ID of the upstream.
    body: decoded(answer.headers, bytes)
      .replaceAll('"requestId":null', '"requestId":"same"')
      // Each gateway has read the log at another time.
      .replaceAll(/"asOf":"[^"]+Z"/g, '"asOf":"same"'),
    headers: Object.fromEntries(answered),
  };
}

const codings = fc.constantFrom<Record<string, string>>(
  {},
  {},
  { "accept-encoding": "gzip, deflate, br" },
  { "accept-encoding": "gzip" },
  { "accept-encoding": "br;q=0.5, gzip;q=0.1, identity;q=0" },
  { "accept-encoding": "gzip;q=0" },
);

const others = fc.constantFrom<Record<string, string>>(
  {},
  {},
  { accept: "application/json" },
  { accept: "application/graphql-response+json, application/json;q=0.5" },
  { accept: "text/html" },
  { origin: "http://localhost:5173" },
  { origin: "https://elsewhere.example" },
  { "x-language": "zh-cn" },
  { "accept-language": "zh" },
  { "content-type": "application/json; charset=utf-8" },
);

const headers = fc.tuple(others, codings).map(([one, other]) => ({ ...one, ...other }));

/** How many answers came without Apollo Server, by the way they came. */
async function fastAnswers(url: string, way: "plan" | "repeat"): Promise<number> {
  const { body } = await request(new URL("/metrics", url), { dispatcher });
  const line = new RegExp(`^fast_path_answers_total\\{way="${way}"\\} (\\d+)$`, "m").exec(await body.text());
  return Number(line?.[1] ?? 0);
}

/**
 * An answer without the parts that may differ: the locations of errors, which belong to another document, and the order
 * of errors.
 */
function promised({ status, body, headers: answered }: Seen): unknown {
  if (!body.includes('"errors"')) return { status, body, answered };
  const { errors = [], ...others } = JSON.parse(body) as FormattedExecutionResult;
  const texts = errors.map((error) => JSON.stringify({ ...error, locations: undefined }));
  return { status, errors: texts.sort(), others: JSON.stringify(others), answered };
}

test(
  "answers of plans and the fast path equal those of graphql-js byte for byte, or graphql-js makes them",
  async () => {
    await fc.assert(
      fc.asyncProperty(operations, headers, async (operation, sent) => {
        const body = JSON.stringify(operation);
        const expected = await send(plain.url, body, sent);
        const query = withoutPlan(operation.query);
        if (query !== null) {
          const executed = await send(plain.url, JSON.stringify({ ...operation, query }), sent);
          expect(promised(expected)).toEqual(promised(executed));
        }
        for (let time = 0; time < TIMES; time += 1)
          expect(await send(fast.url, body, sent)).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
    // Not for want of answers of its own.
    expect(await fastAnswers(fast.url, "plan")).toBeGreaterThan(RUNS / 4);
    expect(await fastAnswers(fast.url, "repeat")).toBeGreaterThan(RUNS / 8);
    expect(await fastAnswers(plain.url, "plan")).toBe(0);
  },
  LIMIT_MS,
);
