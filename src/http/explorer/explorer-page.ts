/** The operation in the explorer when it opens. */
export type ExplorerExample = {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
};

const SANDBOX =
  "https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js";

/** The origins that Apollo's embedded Sandbox is loaded from. */
export const SANDBOX_ORIGINS = {
  scripts: "https://embeddable-sandbox.cdn.apollographql.com",
  frames: "https://sandbox.embed.apollographql.com",
};

/**
 * The explorer: Apollo Sandbox, from Apollo's CDN. While the CDN is slow, the page shows a link to GraphiQL, which
 * needs no network. If the CDN cannot be reached, the page opens GraphiQL by itself. The page has no input field, so a
 * Sandbox that loads late does not replace a user's input.
 */
export function explorerPage(nonce: string, { document, variables }: ExplorerExample): string {
  // Escaped, so that no text in the example can end the script element.
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
<p role="status">Loading Apollo Sandbox from Apollo's CDN …</p>
<p><a id="graphiql" href="graphiql">Open GraphiQL</a>, which needs no internet connection.</p>
</main>
<noscript>This page needs JavaScript. The graph does not: POST a query as application/json.</noscript>
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
#sandbox { position: fixed; inset: 0; }
#sandbox[hidden] { display: none; }
iframe { width: 100%; height: 100%; border: 0; background: white; }
`;

/** Runs in the browser. The URL of `/graphql` is relative to the page, so a common path prefix is allowed. */
const SCRIPT = `
"use strict";
const byId = (id) => document.getElementById(id);
const endpoint = new URL("graphql", location.href).href;
const example = JSON.parse(byId("example").textContent);
const sandbox = document.createElement("script");
sandbox.src = "${SANDBOX}";
sandbox.addEventListener("error", () => location.replace(byId("graphiql").href));
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
