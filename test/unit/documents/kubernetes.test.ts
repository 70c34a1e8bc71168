import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import { Service } from "kubernetes-models/v1/Service";
import { ServiceAccount } from "kubernetes-models/v1/ServiceAccount";
import { parse, parseAllDocuments } from "yaml";
import { SETTINGS } from "../../../src/settings/settings.js";

type Manifest = { kind: string; metadata: { name: string } };
const textOf = (name: string): string =>
  readFileSync(new URL(`../../../deploy/kubernetes/${name}`, import.meta.url), "utf8");
const manifests = parseAllDocuments(textOf("gateway.yaml")).map((document) => document.toJS() as Manifest);

/** Models that check against Kubernetes' own OpenAPI schemas. */
const MODELS = {
  Deployment,
  HorizontalPodAutoscaler,
  NetworkPolicy,
  PodDisruptionBudget,
  Service,
  ServiceAccount,
} as unknown as Readonly<Record<string, new (data: unknown) => { validate(): void }>>;

function validate(manifest: Manifest): void {
  const Model = MODELS[manifest.kind];
  if (Model === undefined) throw new Error(`No schema for ${manifest.kind}.`);
  new Model(manifest).validate();
}

describe("deploy/kubernetes", () => {
  test.each(manifests.map((manifest) => [manifest.kind, manifest] as const))(
    "%s is valid",
    (_kind, manifest) => {
      expect(() => {
        validate(manifest);
      }).not.toThrow();
    },
  );

  test("has each part of a safe deployment", () => {
    expect(manifests.map(({ kind }) => kind).sort()).toEqual(Object.keys(MODELS).sort());
  });

  test("the schemas detect a mistake", () => {
    const wrong = JSON.parse(
      JSON.stringify(manifests.find(({ kind }) => kind === "Deployment")),
    ) as Manifest & {
      spec: { template: { spec: { terminationGracePeriodSeconds: unknown } } };
    };
    wrong.spec.template.spec.terminationGracePeriodSeconds = "soon";
    expect(() => {
      validate(wrong);
    }).toThrow();
  });

  test("sets only variables that the gateway reads, and leaves it time to stop", () => {
    const { configMapGenerator } = parse(textOf("kustomization.yaml")) as {
      configMapGenerator: { literals: string[] }[];
    };
    const settings = new Map(
      configMapGenerator
        .flatMap(({ literals }) => literals)
        .map((line) => line.split("=", 2) as [string, string]),
    );
    const known = SETTINGS.map(({ name }) => name);
    expect([...settings.keys()].filter((name) => !known.includes(name))).toEqual([]);
    const graceSeconds = Number(/terminationGracePeriodSeconds: (\d+)/.exec(textOf("gateway.yaml"))?.[1]);
    expect(graceSeconds * 1000).toBeGreaterThan(Number(settings.get("SHUTDOWN_GRACE_MS")));
  });
});
