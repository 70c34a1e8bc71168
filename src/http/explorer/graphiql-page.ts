import { type ExplorerExample } from "./explorer-page.js";

/** The page that contains GraphiQL. The URLs of its files are relative, so a path prefix is allowed. */
export function graphiqlPage({ document, variables }: ExplorerExample): string {
  // Escaped, so that no text in the example can end the script element.
  const example = JSON.stringify({ document, variables }).replaceAll("<", String.raw`\u003c`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphiQL · ModelArts events gateway</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="graphiql/assets/main.css">
<link rel="stylesheet" href="graphiql/assets/page.css">
<script type="application/json" id="example">${example}</script>
<script type="module" src="graphiql/assets/main.js"></script>
</head>
<body>
<div id="graphiql"></div>
<noscript>This page needs JavaScript. The graph does not: POST a query as application/json.</noscript>
</body>
</html>
`;
}
