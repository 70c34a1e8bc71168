/** What stands in the explorer when it opens. */
export type ExplorerExample = {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
};

const SANDBOX =
  "https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js";

/** What Apollo's embedded Sandbox is loaded from. */
export const SANDBOX_ORIGINS = {
  scripts: "https://embeddable-sandbox.cdn.apollographql.com",
  frames: "https://sandbox.embed.apollographql.com",
};

/**
 * The explorer: Apollo Sandbox once its script has come from Apollo's CDN. Until then, and for good where the CDN
 * cannot be reached, a plain form that asks the same.
 */
export function explorerPage(nonce: string, { document, variables }: ExplorerExample): string {
  // Escaped so that no text in the example can end the script element.
  const example = JSON.stringify({ document, variables }).replaceAll("<", String.raw`\u003c`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ModelArts events gateway</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<div id="sandbox" hidden></div>
<main id="plain">
<h1>ModelArts events gateway</h1>
<p>Ask the graph here. Apollo Sandbox takes this page over as soon as it can be loaded. Until then queries run;
subscriptions do not.</p>
<form id="form">
<label for="query">Query</label>
<textarea id="query" rows="18" spellcheck="false" autocomplete="off" required></textarea>
<label for="variables">Variables (JSON)</label>
<textarea id="variables" rows="6" spellcheck="false" autocomplete="off"></textarea>
<label for="token">X-Auth-Token (only where the gateway asks for one)</label>
<input id="token" type="password" autocomplete="off">
<label for="authorization">Authorization (Bearer and a JWT, only where the gateway asks for one)</label>
<input id="authorization" type="password" autocomplete="off">
<button type="submit">Run</button>
</form>
<h2 id="answer-label">Answer</h2>
<pre id="answer" role="status" aria-labelledby="answer-label" tabindex="0"></pre>
</main>
<noscript>This page needs JavaScript; the graph itself does not: POST a query as application/json.</noscript>
<script type="application/json" id="example">${example}</script>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
label { display: block; margin-top: 1rem; font-weight: 600; }
textarea, input { box-sizing: border-box; width: 100%; font: 14px/1.5 ui-monospace, monospace; padding: .5rem; }
button { margin-top: 1rem; padding: .5rem 1.5rem; font: inherit; }
pre { padding: .5rem; border: 1px solid; min-height: 3rem; white-space: pre-wrap; overflow-wrap: anywhere; }
#sandbox { position: fixed; inset: 0; }
#sandbox[hidden] { display: none; }
iframe { width: 100%; height: 100%; border: 0; background: white; }
`;

/** Runs in the browser. The graph is found beside the page, so that a path before both does no harm. */
const SCRIPT = `
"use strict";
const byId = (id) => document.getElementById(id);
const endpoint = new URL("graphql", location.href).href;
const example = JSON.parse(byId("example").textContent);
byId("query").value = example.document;
byId("variables").value = JSON.stringify(example.variables, null, 2);
const ask = async () => {
  const variables = JSON.parse(byId("variables").value.trim() || "{}");
  const headers = { "content-type": "application/json" };
  if (byId("token").value !== "") headers["x-auth-token"] = byId("token").value;
  if (byId("authorization").value !== "") headers.authorization = byId("authorization").value;
  const body = JSON.stringify({ query: byId("query").value, variables });
  const response = await fetch(endpoint, { method: "POST", headers, body });
  return JSON.stringify(await response.json(), null, 2);
};
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  byId("answer").textContent = "Running …";
  ask().then((text) => { byId("answer").textContent = text; },
             (error) => { byId("answer").textContent = "Not asked or not answered: " + error.message; });
});
const sandbox = document.createElement("script");
sandbox.src = "${SANDBOX}";
sandbox.addEventListener("load", () => {
  byId("plain").hidden = true;
  byId("sandbox").hidden = false;
  new window.EmbeddedSandbox({
    target: "#sandbox",
    initialEndpoint: endpoint,
    initialSubscriptionEndpoint: endpoint.replace(/^http/, "ws"),
    initialState: { document: example.document, variables: example.variables },
    endpointIsEditable: false,
    allowDynamicStyles: false,
    runTelemetry: false,
  });
});
document.head.append(sandbox);
`;
