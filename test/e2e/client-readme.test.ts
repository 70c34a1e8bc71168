import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import ts from "typescript";
import { allDocuments, blocksOf, ROOT } from "../support/documents.js";
import { type GatewayProcess, startGateway } from "../support/processes/gateway-process.js";

const blocks = allDocuments()
  .filter(({ path }) => path === "packages/client/README.md")
  .flatMap(blocksOf)
  .filter(({ language }) => language === "ts");

/** The block of packages/client/README.md that contains a text. */
function blockWith(text: string): string {
  const found = blocks.filter((block) => block.text.includes(text));
  if (found.length !== 1) throw new Error(`${found.length} blocks contain ${text}.`);
  return found[0]?.text ?? "";
}

const FOLLOW = blockWith("of followEvents({");
const WALK = blockWith("of allEvents({");
const APOLLO = blockWith("new ApolloClient({");
const RELAY = blockWith("new Environment({");
const URQL = blockWith("cacheExchange({");
const URQL_LIST = blockWith("function showList(");

let gateway: GatewayProcess;
let folder: string;
beforeAll(async () => {
  gateway = await startGateway();
  folder = await mkdtemp(join(tmpdir(), "client-readme-"));
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
});
afterAll(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true, force: true });
});

const WEB_SOCKET = `import { WebSocket } from "ws";
globalThis.WebSocket ??= WebSocket; // Node 20 has none of its own
`;

/** A client for streams that reconnects, as the README asks for with Relay and urql. */
const SOCKET = `${WEB_SOCKET}
import { createClient } from "graphql-ws";
const socket = createClient({
  url: "ws://127.0.0.1:4000/graphql", retryAttempts: Infinity, shouldRetry: () => true,
});
`;

/** Runs blocks with the names that they need. @param end prints the result @returns the printed JSON */
async function run(start: string, text: readonly string[], job: string, end: string): Promise<unknown> {
  const program = [start, ...text, end]
    .join("\n")
    .replaceAll("wss://…/", "ws://127.0.0.1:4000/")
    .replaceAll("127.0.0.1:4000", new URL(gateway.url).host)
    .replaceAll("my-job", job);
  const { outputText } = ts.transpileModule(program, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const file = join(await mkdtemp(join(folder, "run-")), "program.mjs");
  await writeFile(file, outputText);
  const { stdout } = await promisify(execFile)(process.execPath, [file]);
  return JSON.parse(stdout);
}

test("following a log", async () => {
  const start = `${WEB_SOCKET}
    const states = [];
    const leaving = new AbortController();
    const { signal } = leaving;
    let events = [];
    const target = { set list(next) { events = next; if (next.length >= 20) leaving.abort(); }, get list() { return events; } };
    Object.defineProperty(globalThis, "list", Object.getOwnPropertyDescriptor(target, "list"));
    const token = () => "any";
    const renewToken = () => Promise.resolve();
    const onState = ({ state }) => states.push(state);
  `;
  const end = `console.log(JSON.stringify({ states, count: list.length }));
    await client.dispose();`;
  expect(await run(start, [FOLLOW], "events-100", end)).toEqual({
    states: expect.arrayContaining(["connecting", "following"]) as unknown,
    count: 20,
  });
});

test("Apollo Client, for a whole log and a stream", async () => {
  const start = `${WEB_SOCKET}
    import { FollowEventsDocument } from "modelarts-events-client";
    let count = 0;
    const shares = [];
    const save = (edges) => (count += edges.length);
    const showProgress = (share) => shares.push(share);
  `;
  const end = `
    const stream = apollo.subscribe({ query: FollowEventsDocument, variables: { id: "my-job", last: 3 } });
    stream.subscribe(({ data }) => {
      const streamed = data.trainingJobEvents.edges.length;
      console.log(JSON.stringify({ count, share: shares.at(-1), streamed }));
      process.exit();
    });`;
  expect(await run(start, [APOLLO, WALK], "events-101", end)).toEqual({ count: 101, share: 1, streamed: 3 });
});

test("Relay", async () => {
  const start = `${SOCKET}
    const fetchFunction = async ({ text }, variables) => {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ query: text, variables });
      return (await fetch("http://127.0.0.1:4000/graphql", { method: "POST", headers, body })).json();
    };
  `;
  const end = `
    import { FollowEventsDocument } from "modelarts-events-client";
    import { print } from "graphql";
    const ask = (text, operationKind, variables) =>
      environment.getNetwork().execute({ text, operationKind, name: "Any", metadata: {} }, variables, {});
    const page = "query Any($id: ID!) { trainingJob(id: $id) { events(first: 5) { nodes { id } } } }";
    const { data } = await ask(page, "query", { id: "my-job" }).toPromise();
    const failure = await ask(page, "query", { id: "missing" }).toPromise().catch((error) => error.name);
    ask(print(FollowEventsDocument), "subscription", { id: "my-job", last: 3 }).subscribe({
      next: ({ data: { trainingJobEvents } }) => {
        const streamed = trainingJobEvents.edges.length;
        console.log(JSON.stringify({ count: data.trainingJob.events.nodes.length, failure, streamed }));
        process.exit();
      },
    });`;
  expect(await run(start, [RELAY], "events-101", end)).toEqual({
    count: 5,
    failure: expect.any(String) as unknown,
    streamed: 3,
  });
});

test("urql, with a list of pages and streamed events", async () => {
  const end = `
    import { Client as UrqlClient, fetchExchange, subscriptionExchange } from "@urql/core";
    const forwardSubscription = ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: live.subscribe({ query, variables }, sink) }),
    });
    const urql = new UrqlClient({
      url: "http://127.0.0.1:4000/graphql",
      preferGetMethod: false,
      exchanges: [cache, fetchExchange, subscriptionExchange({ forwardSubscription })],
    });
    function show(list) {
      // The page has 50 events; the job writes more of them all the time.
      if (list.length <= 50) return;
      console.log(JSON.stringify(list.map(({ node }) => node.time)));
      process.exit();
    }
    const answer = await fetch("http://127.0.0.1:4000/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: '{ trainingJob(id: "my-job") { events(first: 1) { pageInfo { startCursor } } } }' }),
    });
    showList(urql, "my-job", (await answer.json()).data.trainingJob.events.pageInfo.startCursor);`;
  const times = (await run(SOCKET, [URQL, URQL_LIST], "running", end)) as string[];
  expect(times.length).toBeGreaterThan(50);
  expect(times).toEqual([...times].sort().reverse());
});
