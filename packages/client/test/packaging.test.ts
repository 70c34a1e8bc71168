import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { checkPackage, createPackageFromTarballData, type Problem } from "@arethetypeswrong/core";
import { expect, test } from "@jest/globals";
import { build } from "esbuild";
import { publint } from "publint";

const FOLDER = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8")) as {
  peerDependencies: Record<string, string>;
};

/** The package as npm would publish it. */
function packed(): Buffer {
  const target = mkdtempSync(join(tmpdir(), "client-package-"));
  try {
    const [{ filename = "" } = {}] = JSON.parse(
      execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", target], {
        cwd: FOLDER,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }),
    ) as { filename?: string }[];
    return readFileSync(join(target, filename));
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

test("publint finds nothing", async () => {
  const { messages } = await publint({ pkgDir: FOLDER, strict: true });
  expect(messages).toEqual([]);
});

test("Are the types wrong? finds nothing for ES modules", async () => {
  const checked = await checkPackage(createPackageFromTarballData(packed()));
  const problems: readonly Problem[] = checked.types === false ? [] : checked.problems;
  expect(checked.types).toMatchObject({ kind: "included" });
  // The package is for `import` alone; Node 10 and `require` of old Nodes are not served.
  const served = problems.filter(
    (problem) => !("resolutionKind" in problem) || !["node10", "node16-cjs"].includes(problem.resolutionKind),
  );
  expect(served).toEqual([]);
});

test("allows graphql 16 and 17", () => {
  expect(manifest.peerDependencies["graphql"]).toBe("^16.0.0 || ^17.0.0");
});

async function bundleOf(contents: string): Promise<{ gzipBytes: number; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: FOLDER },
    bundle: true,
    minify: true,
    metafile: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  const bytes = outputFiles.map((file) => gzipSync(file.contents).length);
  return { gzipBytes: bytes[0] ?? Infinity, inputs: Object.keys(metafile.inputs) };
}

test("its core is at most 6 KiB, compressed, and has no other package", async () => {
  const { gzipBytes, inputs } = await bundleOf('export * from "modelarts-events-client";');
  expect(gzipBytes).toBeLessThanOrEqual(6 * 1024);
  expect(inputs.filter((path) => path.includes("node_modules"))).toEqual([]);
});

test("unused exports are not bundled", async () => {
  const { gzipBytes } = await bundleOf('export { isGatewayError } from "modelarts-events-client";');
  expect(gzipBytes).toBeLessThan(1_200);
});
