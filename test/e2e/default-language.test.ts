import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../src/simulator/server.js";
import { eventually } from "../support/eventually.js";
import { CLIENTS, Follower } from "../support/live/live-clients.js";
import { askEvents, pageOf } from "../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../support/processes/gateway-process.js";

let simulator: Simulator;
let gateways: readonly GatewayProcess[] = [];

beforeAll(async () => {
  simulator = await startSimulator();
  const settings = {
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
  };
  gateways = await Promise.all([
    startGateway(settings),
    startGateway({ ...settings, DEFAULT_LANGUAGE: "zh-cn" }),
  ]);
});

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await simulator.close();
});

beforeEach(() => {
  simulator.calls.reset();
});

const languages = (): unknown[] => [
  ...new Set(simulator.calls.list.map(({ headers }) => headers["x-language"])),
];

test.each([
  [0, "en-us", "zh-cn"],
  [1, "zh-cn", "en-us"],
])("gateway %i asks for %s where the caller prefers no language", async (index, own, other) => {
  const url = gateways[index]?.url ?? "";
  const read = async (headers: Record<string, string>) =>
    pageOf(await askEvents(url, { id: "chinese", first: 5 }, headers));
  const page = await read({});
  expect(languages()).toEqual([own]);
  // Cursors are the same for a server that renders a page and for the browser that shows it.
  expect(await read({ "x-language": own })).toEqual(page);
  expect(await read({ "accept-language": "fr, *;q=0.1" })).toEqual(page);
  const translated = await read({ "accept-language": other });
  expect(translated.edges[0]?.cursor).not.toBe(page.edges[0]?.cursor);
});

test.each(CLIENTS)("a stream over %s is in the default language", async (name, createClient) => {
  const id = name === "graphql-ws" ? "events-101" : "events-100";
  const [, gateway] = gateways;
  const client = createClient(gateway?.url ?? "");
  const follower = new Follower(client, { id, last: 1 });
  await eventually(() => follower.results.length > 0);
  expect(languages()).toEqual(["zh-cn"]);
  follower.stop();
  await client.close();
});
