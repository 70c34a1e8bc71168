// GraphiQL at /graphiql. scripts/build-graphiql.js bundles it, and browsers load it only from the gateway.
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

// The URL is relative to the page, so a common path prefix is allowed.
const endpoint = new URL("graphql", location.href).href;

function isSubscription({ query, operationName }) {
  const found = parse(query).definitions.filter(({ kind }) => kind === "OperationDefinition");
  const chosen = found.find(({ name }) => name?.value === operationName) ?? found[0];
  return chosen?.operation === "subscription";
}

/** Each subscription has its own WebSocket. Its first message contains the headers of the editor. */
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

/** The tab that was open when this browser left the page; null if there was none. */
function keptTab() {
  try {
    const { tabs: kept, activeTabIndex } = JSON.parse(localStorage.getItem("graphiql:tabState"));
    return kept[activeTabIndex] ?? null;
  } catch {
    return null;
  }
}

// The editors start with these texts for any open tab, so these must be the texts of the open tab.
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
