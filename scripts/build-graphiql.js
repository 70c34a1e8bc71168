// Bundles GraphiQL, its workers and the example operations into dist/web/graphiql, with a compressed copy of each file.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { build } from "esbuild";
import { concatAST, parse, print, visit } from "graphql";
import { writeBundledPackages } from "./bundled-packages.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUT = join(ROOT, "dist/web/graphiql");

/** The example operations in the order of the tabs, each with variables for the simulator. */
const SHOWN = [
  ["FollowEvents", { last: 5 }],
  ["Problems", {}],
  ["EventCounts", {}],
];

function exampleOperations() {
  const folder = join(ROOT, "schema/operations");
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const { definitions } = concatAST(texts.map((text) => parse(text)));
  const named = new Map(definitions.map((definition) => [definition.name.value, definition]));
  const withFragments = (name, used = new Set()) => {
    if (used.has(name)) return used;
    used.add(name);
    visit(named.get(name), { FragmentSpread: (spread) => withFragments(spread.name.value, used) });
    return used;
  };
  return SHOWN.map(([name, variables]) => ({
    query: [...withFragments(name)].map((one) => print(named.get(one))).join("\n\n"),
    variables,
  }));
}

const operations = {
  name: "operations",
  setup: (bundler) => {
    bundler.onResolve({ filter: /^operations$/ }, () => ({ path: "operations", namespace: "operations" }));
    bundler.onLoad({ filter: /.*/, namespace: "operations" }, () => ({
      contents: JSON.stringify(exampleOperations()),
      loader: "json",
    }));
  },
};

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: {
    main: "packages/graphiql/main.js",
    page: "packages/graphiql/page.css",
    "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
    "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
    "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
  },
  outdir: OUT,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "linked",
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".ttf": "file", ".woff2": "file", ".svg": "dataurl" },
  plugins: [operations],
  metafile: true,
  logLevel: "warning",
});
writeBundledPackages(
  ROOT,
  "graphiql",
  Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.keys(inputs))
    .map((path) => join(ROOT, path)),
);
for (const name of readdirSync(OUT)) {
  if (/\.(js|css)$/.test(name))
    writeFileSync(join(OUT, `${name}.gz`), gzipSync(readFileSync(join(OUT, name))));
}
