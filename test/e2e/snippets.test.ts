import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import ts from "typescript";
import { allDocuments, blocksOf, ROOT } from "../support/documents.js";
import { type GatewayProcess, startGateway } from "../support/processes/gateway-process.js";
import { FOLLOW } from "../support/live/live-clients.js";

/** Packages that snippets import and this repository does not use; test changes of such snippets by hand. */
const NOT_INSTALLED = ["@apollo/client", "@urql/exchange-graphcache"];

/** The snippets of all documents, each with those behind it that import nothing and so go on from it. */
const modules = allDocuments().flatMap((document) =>
  blocksOf(document)
    .filter(({ language }) => language === "ts")
    .reduce<string[]>((found, { text }) => {
      if (/^import /m.test(text)) return [...found, text];
      return [...found.slice(0, -1), `${found.at(-1) ?? ""}${text}`];
    }, []),
);

function theOneOf(client: string): string {
  const [found = "", ...others] = modules.filter(
    (text) => text.includes(`from "${client}"`) && !NOT_INSTALLED.some((name) => text.includes(name)),
  );
  expect(others).toEqual([]);
  return found;
}

const overWebSocket = theOneOf("graphql-ws");
// The document says that the rest is the same.
const sameSubscription = overWebSocket.slice(overWebSocket.indexOf("const variables"));
const [untilWatch = ""] = sameSubscription.split("let watch");
const CLIENTS = [
  ["graphql-ws", overWebSocket],
  ["graphql-sse", theOneOf("graphql-sse") + untilWatch],
] as const;

/** The functions that a snippet uses and the reader has to write. */
const DECLARED = `
import { type FollowEventsSubscription } from "./generated/graphql.js";
declare const FOLLOW: string;
declare function token(): string;
declare function show(edges: FollowEventsSubscription["trainingJobEvents"]["edges"]): void;
declare function showError(failure: unknown): void;
`;

/** The errors of strict TypeScript for a snippet, as if it were in the folder of the tests. */
function faultsOf(snippet: string): string[] {
  const file = join(ROOT, "test/snippet.ts");
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => path === file || disk.fileExists(path),
    readFile: (path) => (path === file ? DECLARED + snippet : disk.readFile(path)),
    getSourceFile: (path, version, ...rest) =>
      path === file
        ? ts.createSourceFile(path, DECLARED + snippet, version)
        : disk.getSourceFile(path, version, ...rest),
  };
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

describe.each(CLIENTS)("the snippet for %s", (_client, snippet) => {
  let gateway: GatewayProcess;
  let folder: string;
  beforeAll(async () => {
    gateway = await startGateway();
    folder = await mkdtemp(join(tmpdir(), "snippets-"));
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  });
  afterAll(async () => {
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs the snippet until it shows events or an error, and returns them. */
  async function run(job: string): Promise<unknown> {
    const program = `
      import { WebSocket } from "ws";
      globalThis.WebSocket ??= WebSocket; // Node 20 has none of its own
      const FOLLOW = ${JSON.stringify(FOLLOW)};
      const end = (result) => console.log(JSON.stringify(result)) ?? process.exit();
      const [token, show, showError] = [() => "a-token", (shown) => end({ shown }), (error) => end({ error })];
      ${snippet.replace("127.0.0.1:4000", new URL(gateway.url).host).replace('"running"', JSON.stringify(job))}`;
    const { outputText } = ts.transpileModule(program, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    const file = join(folder, "snippet.mjs");
    await writeFile(file, outputText);
    return JSON.parse((await promisify(execFile)(process.execPath, [file], { timeout: 60_000 })).stdout);
  }

  test("is strict TypeScript", () => {
    expect(faultsOf(snippet)).toEqual([]);
  });

  test("shows events", async () => {
    const { shown } = (await run("running")) as { shown: { cursor: unknown }[] };
    expect(shown).toHaveLength(20);
    expect(shown[0]).toMatchObject({ cursor: expect.any(String), node: { message: expect.any(String) } });
  });

  test("shows an error that ends the stream", async () => {
    expect(await run("no-such-job")).toMatchObject({
      error: [{ extensions: { code: "TRAINING_JOB_NOT_FOUND" } }],
    });
  });
});

test("each package in the list of those that are not installed is used by a document", () => {
  const imported = modules.flatMap((text) =>
    Array.from(text.matchAll(/ from "(.*)"/g), ([, name = ""]) => name),
  );
  for (const name of NOT_INSTALLED) expect(imported.some((path) => path.startsWith(name))).toBe(true);
});
