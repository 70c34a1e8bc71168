import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import ts from "typescript";
import { allDocuments, blocksOf, ROOT, SNIPPET_LANGUAGES } from "../support/documents.js";
import { type GatewayProcess, startGateway } from "../support/processes/gateway-process.js";

type Snippet = { readonly path: string; readonly title: string; readonly text: string };

/** All snippets. A snippet without an import belongs to the one before it in the same document. */
const snippets = allDocuments().flatMap(({ path, text: document }) =>
  blocksOf({ path, text: document })
    .filter(({ language }) => SNIPPET_LANGUAGES.includes(language))
    .reduce<Snippet[]>((found, { text }) => {
      const last = found.at(-1);
      if (last === undefined || /^import /m.test(text)) {
        return [...found, { path, title: `${path}: ${text.split("\n")[0] ?? ""}`, text }];
      }
      return [...found.slice(0, -1), { ...last, text: last.text + text }];
    }, []),
);

/** The names that snippets use and the reader has to define. */
const DECLARED = `
import { type ApolloClient } from "@apollo/client";
import { type FollowState, type JobEventsPageQuery, type LiveClient } from "modelarts-events-client";
import { type GraphQLResponse } from "relay-runtime";
declare global {
  type EventEdge = NonNullable<NonNullable<JobEventsPageQuery["trainingJob"]>["events"]>["edges"][number];
  var list: readonly EventEdge[];
  const apollo: ApolloClient;
  const socket: LiveClient;
  const signal: AbortSignal;
  function fetchFunction(): Promise<GraphQLResponse>;
  function token(): string;
  function renewToken(): Promise<void>;
  function onState(state: FollowState): void;
  function show(list: readonly EventEdge[]): void;
  function save(edges: readonly EventEdge[]): void;
  function showProgress(share: number): void;
}
`;

const FOLDER = join(ROOT, "packages/client");
const fileOf = (index: number): string => join(FOLDER, `test/snippet-${index}.ts`);
const files = new Map(snippets.map(({ text }, index) => [fileOf(index), text]));
const declarations = join(FOLDER, "test/snippet-names.ts");
files.set(declarations, DECLARED);

/** The strict TypeScript program of all snippets, as if they were tests of the package. */
function compile(): ts.Program {
  const { config } = ts.readConfigFile(join(FOLDER, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: ["src/index.ts"] }, ts.sys, FOLDER);
  const disk = ts.createCompilerHost({ ...options, incremental: false });
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => files.has(path) || disk.fileExists(path),
    readFile: (path) => files.get(path) ?? disk.readFile(path),
    getSourceFile: (path, version, ...rest) => {
      const text = files.get(path);
      return text === undefined
        ? disk.getSourceFile(path, version, ...rest)
        : ts.createSourceFile(path, text, version);
    },
  };
  return ts.createProgram([...files.keys()], options, host);
}

let program: ts.Program;
let gateway: GatewayProcess;
let folder: string;
beforeAll(async () => {
  program = compile();
  gateway = await startGateway();
  folder = await mkdtemp(join(tmpdir(), "snippets-"));
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
});
afterAll(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true, force: true });
});

function faultsOf(file: string): string[] {
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

test("the names that the reader defines are strict TypeScript", () => {
  expect(faultsOf(declarations)).toEqual([]);
});

test.each(snippets.map(({ title }, index) => [title, fileOf(index)] as const))(
  "is strict TypeScript: %s",
  (_title, file) => {
    expect(faultsOf(file)).toEqual([]);
  },
);

test("the first snippet of docs/front-end.md shows a page, then new events on top", async () => {
  const first = snippets.find(({ path }) => path === "docs/front-end.md");
  const text = `
    import { WebSocket } from "ws";
    globalThis.WebSocket ??= WebSocket; // Node 20 has none of its own
    let shownFirst = null;
    function show(list) {
      shownFirst ??= list;
      if (list.length === shownFirst.length) return;
      console.log(JSON.stringify({ page: shownFirst, list }));
      process.exit();
    }
    ${first?.text.replaceAll("127.0.0.1:4000", new URL(gateway.url).host) ?? ""}`;
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const file = join(folder, "snippet.mjs");
  await writeFile(file, outputText);
  const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 60_000 });
  const { page, list } = JSON.parse(stdout) as { page: unknown[]; list: unknown[] };
  expect(page).toHaveLength(50);
  expect(list.slice(-50)).toEqual(page);
  expect(list[0]).toMatchObject({ cursor: expect.any(String), node: { message: expect.any(String) } });
});
