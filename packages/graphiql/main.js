// GraphiQL as the gateway serves it at /graphiql: bundled by scripts/build-graphiql.js, loaded from the gateway alone.
import { explorerPlugin } from "@graphiql/plugin-explorer";
import "@graphiql/plugin-explorer/style.css";
import { GraphiQL } from "graphiql";
import "graphiql/style.css";
import { parse } from "graphql";
import { createClient } from "graphql-ws";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import operations from "operations";

const assets = new URL("./", import.meta.url);
globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => {
    const name = ["json", "graphql"].includes(label) ? label : "editor";
    return new Worker(new URL(`${name}.worker.js`, assets), { type: "module" });
  },
};

// The page is beside the graph, so that a path before both does no harm.
const endpoint = new URL("graphql", location.href).href;

function isSubscription({ query, operationName }) {
  const found = parse(query).definitions.filter(({ kind }) => kind === "OperationDefinition");
  const chosen = found.find(({ name }) => name?.value === operationName) ?? found[0];
  return chosen?.operation === "subscription";
}

/** Subscriptions go over a WebSocket of their own, with the headers of the editor as its first message. */
async function* follow(request, headers) {
  const client = createClient({ url: endpoint.replace(/^http/, "ws"), connectionParams: headers });
  try {
    yield* client.iterate(request);
  } finally {
    await client.dispose();
  }
}

async function post(request, headers) {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(request),
  });
  return response.json();
}

const fetcher = (request, { headers = {} } = {}) =>
  isSubscription(request) ? follow(request, headers) : post(request, headers);

const example = JSON.parse(document.getElementById("example").textContent);
const { id } = example.variables;
const tabs = [
  { query: example.document, variables: JSON.stringify(example.variables, null, 2), headers: null },
  ...operations.map(({ query, variables }) => ({
    query,
    variables: JSON.stringify({ ...(id === undefined ? {} : { id }), ...variables }, null, 2),
    headers: null,
  })),
];

/** The tab that was open when this browser left the page; null where there was none. */
function keptTab() {
  try {
    const { tabs: kept, activeTabIndex } = JSON.parse(localStorage.getItem("graphiql:tabState"));
    return kept[activeTabIndex] ?? null;
  } catch {
    return null;
  }
}

// The editors start with these texts whatever tab is open, so they have to be the open tab's.
const { query, variables } = keptTab() ?? tabs[0];

createRoot(document.getElementById("graphiql")).render(
  createElement(GraphiQL, {
    fetcher,
    plugins: [explorerPlugin()],
    defaultTabs: tabs,
    initialQuery: query ?? "",
    initialVariables: variables ?? "",
    defaultEditorToolsVisibility: true,
    inputValueDeprecation: true,
  }),
);
