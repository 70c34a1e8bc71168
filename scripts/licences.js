// Lists the licence of each package that the gateway ships, and fails if one of them is not allowed: the packages of
// `npm ci --omit=dev`, and those whose code is in the bundles of dist/web. `--texts` prints their licences and notices,
// `--sbom` a bill of materials in CycloneDX's format. (`npm sbom --omit=dev` omits packages that a development
// dependency also needs.)
import { Buffer } from "node:buffer";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import satisfies from "spdx-satisfies";

/** Licences that allow shipping the code in any product. At most they require their text or a notice. */
const ALLOWED = [
  "MIT",
  "MIT-0",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "Unlicense",
  "Zlib",
  "Python-2.0",
];

const { packages: locked } = JSON.parse(readFileSync("package-lock.json", "utf8"));

/** The folders of the packages that are installed without development dependencies; a link is the project's own. */
function installed() {
  return Object.entries(locked)
    .filter(([path, entry]) => path.includes("node_modules/") && !entry.dev && !entry.link)
    .filter(([path, { optional, peer }]) => !((optional || peer) && !existsSync(path)))
    .map(([path]) => path);
}

/** The folders of the packages in the bundles, as scripts/bundled-packages.js wrote them. */
function bundled() {
  if (!existsSync("dist/web")) return [];
  return readdirSync("dist/web")
    .filter((name) => name.endsWith(".packages.json"))
    .flatMap((name) => JSON.parse(readFileSync(join("dist/web", name), "utf8")));
}

function isAllowed(licence) {
  try {
    return satisfies(licence, ALLOWED);
  } catch {
    // Not an SPDX expression, such as "SEE LICENSE IN LICENSE.txt".
    return false;
  }
}

function read(folder) {
  if (!existsSync(join(folder, "package.json"))) {
    console.error(`${folder} is not installed. Run npm ci.`);
    process.exit(1);
  }
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const licence = typeof license === "string" ? license : "none";
  return { folder, name, version, title: `${name}@${version}`, licence };
}

const found = [...installed(), ...bundled()].map(read);
// The same version may be in two folders.
const packages = [...new Map(found.map((one) => [one.title, one])).values()].sort((one, other) =>
  one.title.localeCompare(other.title, "en"),
);

function printTexts() {
  for (const { folder, title, licence } of packages) {
    console.log(`${"=".repeat(80)}\n${title}: ${licence}\n`);
    for (const name of readdirSync(folder).sort()) {
      if (/^(licen[cs]e|notice|copying|third-?party)/i.test(name))
        console.log(readFileSync(join(folder, name), "utf8"));
    }
  }
}

function printList() {
  for (const licence of [...new Set(packages.map((one) => one.licence))].sort()) {
    const titles = packages.filter((one) => one.licence === licence).map(({ title }) => title);
    console.log(`${licence} (${titles.length}): ${titles.join(", ")}`);
  }
}

/** The checksum of the package's archive, from npm's lock file. */
function hashes(folder) {
  const [algorithm, checksum] = (locked[folder]?.integrity ?? "").split("-");
  if (algorithm !== "sha512") return [];
  return [{ alg: "SHA-512", content: Buffer.from(checksum, "base64").toString("hex") }];
}

function printBillOfMaterials() {
  const { name, version, license } = JSON.parse(readFileSync("package.json", "utf8"));
  const components = packages.map((one) => {
    const purl = `pkg:npm/${one.name.replace("@", "%40")}@${one.version}`;
    const licenses = [{ expression: one.licence }];
    const about = { type: "library", "bom-ref": purl, name: one.name, version: one.version, purl, licenses };
    return { ...about, hashes: hashes(one.folder) };
  });
  const component = {
    type: "application",
    "bom-ref": name,
    name,
    version,
    licenses: [{ expression: license }],
  };
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { component },
    components,
  };
  console.log(JSON.stringify(bill, null, 2));
}

if (process.argv.includes("--texts")) printTexts();
else if (process.argv.includes("--sbom")) printBillOfMaterials();
else printList();
for (const { title, licence } of packages.filter((one) => !isAllowed(one.licence))) {
  console.error(`${title} is not allowed: its licence is ${licence}.`);
  process.exitCode = 1;
}
