import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Kind, parse } from "graphql";
import { request } from "undici";
import { type Simulator, startSimulator } from "../../src/simulator/server.js";
import { allDocuments, type Block, blocksOf, ROOT, SNIPPET_LANGUAGES } from "../support/documents.js";
import { type GatewayProcess, startGateway } from "../support/processes/gateway-process.js";

/** Commands in documents that this test does not run, by the beginning of their lines, with the reason. */
const NOT_RUN = new Map([
  ["npm ci", "installs into the folder that these tests run in; CI runs it before them"],
  ["npm start", "does not end; process.test.ts runs it"],
  ["cd examples/supergraph", "does not end; supergraph.test.ts runs it"],
  ["npm test", "would run this test in itself"],
  ["MODELARTS_ENDPOINT=https://", "needs the cloud"],
  [
    "NODE_ENV=production node ",
    "does not end; gateway-process.ts starts the same program for all of these tests",
  ],
  ["npm run probe", "needs a real job; probe.test.ts runs the program"],
  ["npm run bench", "takes many minutes; it checks its own answers"],
  ["apt-get ", "changes the machine; CI runs it before these tests"],
  ["docker ", "needs a container engine; packaging.test.ts checks the files"],
]);

/** The languages that a test runs or compiles. */
const TESTED = ["graphql", "sh", "json", ...SNIPPET_LANGUAGES];
/** The languages of blocks that are not code, or that packaging.test.ts checks in their files. */
const NOT_CODE = ["ini", "mermaid", "text", "yaml"];

let gateway: GatewayProcess;
let simulator: Simulator;
let folder: string;
beforeAll(async () => {
  gateway = await startGateway();
  simulator = await startSimulator({ admin: true });
  // Commands write here. It has links to the files of the repository that they read.
  folder = await mkdtemp(join(tmpdir(), "docs-"));
  await symlink(join(ROOT, "schema"), join(folder, "schema"));
  await writeFile(join(folder, ".curlrc"), "fail\nsilent\nshow-error\n");
});
afterAll(async () => {
  await gateway.stop();
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

/** A block to run, with the expectations of the blocks after it. */
type Example = { readonly block: Block; readonly variables: unknown; readonly answer: string | null };

function examplesOf(blocks: readonly Block[]): Example[] {
  return blocks.flatMap((block, index) => {
    if (block.language !== "graphql" && block.language !== "sh") return [];
    const behind = blocks.slice(index + 1, index + 3);
    const [first] = behind;
    const variables = first?.role === "variables" ? first : null;
    const answer = variables === null ? first : behind[1];
    return [
      {
        block,
        variables: variables === null ? {} : (JSON.parse(variables.text) as unknown),
        answer: answer?.role === "answer" ? answer.text : null,
      },
    ];
  });
}

/** The expected answer; the text "…" matches any text. */
function expected(answer: string): unknown {
  return JSON.parse(answer, (_key, value: unknown) => (value === "…" ? expect.any(String) : value));
}

async function ask(query: string, variables: unknown): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ query, variables });
  return (await request(gateway.url, { method: "POST", headers, body })).body.json();
}

const usedReasons = new Set<string>();

/** The commands of a block that are run. */
function commandsOf(text: string): string[] {
  return text.split("\n").filter((line) => {
    const reason = [...NOT_RUN.keys()].find((beginning) => line.startsWith(beginning));
    if (reason !== undefined) usedReasons.add(reason);
    return reason === undefined && line !== "";
  });
}

async function runShell(commands: readonly string[]): Promise<string> {
  const script = commands
    .join("\n")
    .replaceAll("127.0.0.1:4000", new URL(gateway.url).host)
    .replaceAll("127.0.0.1:4010", new URL(simulator.url).host);
  const env = { PATH: process.env["PATH"] ?? "", CURL_HOME: folder };
  return (await promisify(execFile)("sh", ["-e", "-c", script], { cwd: folder, env })).stdout;
}

function isOperation(text: string): boolean {
  return parse(text).definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION);
}

describe.each(allDocuments().map((document) => [document.path, blocksOf(document)] as const))(
  "%s",
  (_path, blocks) => {
    test("has valid JSON, and only known roles of code blocks", () => {
      for (const { language, role, text } of blocks) {
        expect(`${language} ${role}`).toMatch(/^(json (variables|answer)|\w* )$/);
        expect([...TESTED, ...NOT_CODE]).toContain(language);
        if (language === "json") JSON.parse(text);
      }
    });

    for (const { block, variables, answer } of examplesOf(blocks)) {
      const { language, text } = block;
      const title = text.split("\n")[0] ?? "";
      if (language === "graphql" && isOperation(text)) {
        test(`is answered: ${title}`, async () => {
          const wanted = answer === null ? { data: expect.anything() as unknown } : expected(answer);
          expect(await ask(text, variables)).toEqual(wanted);
        });
      }
      const commands = language === "sh" ? commandsOf(text) : [];
      if (commands.length > 0) {
        test(`runs: ${title}`, async () => {
          const printed = await runShell(commands);
          if (answer !== null) expect(JSON.parse(printed)).toEqual(expected(answer));
        });
      }
    }
  },
);

test("every command that is listed as not run is in a document", () => {
  expect([...usedReasons].sort()).toEqual([...NOT_RUN.keys()].sort());
});
