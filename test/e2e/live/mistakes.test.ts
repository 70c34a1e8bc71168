import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { eventually } from "../../support/eventually.js";
import { ask } from "../../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { CLIENTS, Follower } from "../../support/live/live-clients.js";

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({ LOG_LEVEL: "info" });
});
afterAll(async () => {
  await gateway.stop();
});

const FIELD = `trainingJobEvents(id: "events-1", last: 1)`;
const CONDITIONS = [
  `subscription { ${FIELD} @skip(if: true) { caughtUp } }`,
  `subscription ($s: Boolean!) { ${FIELD} @include(if: $s) { caughtUp } }`,
  `subscription ($s: Boolean = true) { ... @skip(if: $s) { ${FIELD} { caughtUp } } }`,
  `subscription ($s: Boolean!) { ...Root } fragment Root on Subscription { ${FIELD} @skip(if: $s) { caughtUp } }`,
];

describe.each(CLIENTS)("%s", (_name, connect) => {
  async function follow(query: string, variables = {}): Promise<Follower> {
    const client = connect(gateway.url);
    const follower = new Follower(client, variables, query);
    await eventually(() => follower.errors.length + follower.batches.length > 0);
    await client.close();
    return follower;
  }

  test.each(CONDITIONS)("a condition at the root is a mistake of the document: %s", async (query) => {
    const { errors } = await follow(query, { s: true });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
    expect(errors[0]?.message).toContain("at the root of a subscription");
  });

  test("a condition below the root is valid", async () => {
    const query = `subscription ($s: Boolean!) { ${FIELD} { caughtUp edges @skip(if: $s) { cursor } } }`;
    expect((await follow(query, { s: true })).batches).toEqual([{ caughtUp: true }]);
  });

  test("a document with two operations needs an operation name", async () => {
    const { errors } = await follow(`subscription A { ${FIELD} { caughtUp } } query B { __typename }`);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["OPERATION_RESOLUTION_FAILURE"]);
  });
});

test("an unknown operation name is reported", async () => {
  const { body } = await request(`${gateway.url}/stream`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query: `subscription A { ${FIELD} { caughtUp } }`, operationName: "B" }),
  });
  expect(await body.text()).toContain(`"code":"OPERATION_RESOLUTION_FAILURE"`);
});

test.each(CONDITIONS)("without a live connection it is the same mistake: %s", async (query) => {
  const { status, errors } = await ask(gateway.url, query, { s: true });
  expect({ status, code: errors[0]?.extensions.code }).toEqual({
    status: 200,
    code: "GRAPHQL_VALIDATION_FAILED",
  });
});

test("no such mistake is logged as a fault of the gateway", () => {
  expect(gateway.stdout()).not.toContain(`"level":"error"`);
});
