import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import { Service } from "kubernetes-models/v1/Service";
import { ServiceAccount } from "kubernetes-models/v1/ServiceAccount";
import { parse, parseAllDocuments } from "yaml";
import { isSecret } from "../../../src/settings/secret-files.js";
import { SETTINGS } from "../../../src/settings/settings.js";

type Manifest = { kind: string; metadata: { name: string } };
const textOf = (name: string): string =>
  readFileSync(new URL(`../../../deploy/kubernetes/${name}`, import.meta.url), "utf8");
const manifests = parseAllDocuments(textOf("gateway.yaml")).map((document) => document.toJS() as Manifest);

const { configMapGenerator } = parse(textOf("kustomization.yaml")) as {
  configMapGenerator: { literals: string[] }[];
};
const settings = new Map(
  configMapGenerator
    .flatMap(({ literals }) => literals)
    .map((line) => line.split("=", 2) as [string, string]),
);

type Probe = { httpGet: { port: string }; periodSeconds: number; failureThreshold: number };
type Container = {
  env: { name: string; value: string }[];
  volumeMounts: { name: string; mountPath: string; readOnly: boolean }[];
  securityContext: object;
  ports: { name: string; containerPort: number }[];
  startupProbe: Probe;
  livenessProbe: Probe;
  readinessProbe: Probe;
};
type Pod = {
  metadata: { labels: object; annotations: Record<string, string> };
  spec: {
    enableServiceLinks: boolean;
    terminationGracePeriodSeconds: number;
    securityContext: { runAsGroup: number; fsGroup: number };
    containers: [Container];
    volumes: { name: string; secret: { defaultMode: number } }[];
  };
};

type With<Spec> = Manifest & { spec: Spec };

/** The manifest of a kind, of which there is one. */
function find(kind: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind);
  if (found === undefined) throw new Error(`There is no ${kind}.`);
  return found;
}

const deployment = find("Deployment") as With<{ selector: { matchLabels: object }; template: Pod }>;
const pod = deployment.spec.template;
const [container] = pod.spec.containers;
const service = find("Service") as With<{ selector: object; ports: { targetPort: string }[] }>;
const networkPolicy = find("NetworkPolicy") as With<{
  podSelector: { matchLabels: object };
  ingress: { from?: unknown[]; ports: { port: string }[] }[];
}>;

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

  test("sets only variables that the gateway reads", () => {
    const known = SETTINGS.map(({ name }) => name);
    expect([...settings.keys()].filter((name) => !known.includes(name))).toEqual([]);
  });

  test("gives the gateway time to stop", () => {
    const graceMs = Number(settings.get("SHUTDOWN_GRACE_MS"));
    const delayMs = Number(settings.get("SHUTDOWN_DELAY_MS"));
    // The grace counts from SIGTERM and includes the delay; the process needs a moment to exit.
    expect(pod.spec.terminationGracePeriodSeconds * 1000).toBeGreaterThanOrEqual(graceMs + 2_000);
    // Requests in flight have as long as an operation may take.
    const operationMs = SETTINGS.find(({ name }) => name === "REQUEST_TIMEOUT_MS")?.default;
    expect(graceMs - delayMs).toBeGreaterThanOrEqual(Number(operationMs));
    const { periodSeconds, failureThreshold } = container.readinessProbe;
    expect(delayMs).toBeGreaterThan(periodSeconds * failureThreshold * 1000);
  });

  test("mounts secrets as files that the gateway can read but not write", () => {
    const { env, volumeMounts } = container;
    const [mount] = volumeMounts;
    const { securityContext, volumes } = pod.spec;
    expect(volumeMounts).toEqual([{ name: volumes[0]?.name, mountPath: mount?.mountPath, readOnly: true }]);
    expect(securityContext.fsGroup).toBe(securityContext.runAsGroup);
    expect(volumes[0]?.secret.defaultMode).toBe(0o440);
    for (const { name, value } of env) {
      expect([name, isSecret(name.replace(/_FILE$/, "")), dirname(value)]).toEqual([
        name,
        true,
        mount?.mountPath,
      ]);
    }
    expect(textOf("gateway.yaml")).not.toContain("secretKeyRef");
  });

  test("takes all rights from the container, and no variables from Services", () => {
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(pod.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(pod.spec.enableServiceLinks).toBe(false);
  });

  test("names ports that the container has", () => {
    const ports = new Map(container.ports.map(({ name, containerPort }) => [name, `${containerPort}`]));
    expect(Object.fromEntries(ports)).toEqual({ http: "4000", metrics: settings.get("METRICS_PORT") });
    expect(pod.metadata.annotations["prometheus.io/port"]).toBe(ports.get("metrics"));
    const { startupProbe, livenessProbe, readinessProbe } = container;
    for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe])
      expect(ports.has(httpGet.port)).toBe(true);
    expect(service.spec.ports.map(({ targetPort }) => targetPort)).toEqual(["http"]);
    const admitted = networkPolicy.spec.ingress.map(({ from, ports: to }) => ({
      isLimited: from !== undefined,
      ports: to.map(({ port }) => port),
    }));
    // Everybody may send requests; metrics are for Prometheus' namespace.
    expect(admitted).toEqual([
      { isLimited: false, ports: ["http"] },
      { isLimited: true, ports: ["metrics"] },
    ]);
  });

  test("selects the pods of the Deployment", () => {
    const labels = JSON.stringify(pod.metadata.labels);
    const disruptions = find("PodDisruptionBudget") as With<{ selector: { matchLabels: object } }>;
    const selectors = [
      deployment.spec.selector.matchLabels,
      service.spec.selector,
      networkPolicy.spec.podSelector.matchLabels,
      disruptions.spec.selector.matchLabels,
    ];
    expect(selectors.filter((selector) => JSON.stringify(selector) !== labels)).toEqual([]);
    const scaler = find("HorizontalPodAutoscaler") as With<{
      scaleTargetRef: { kind: string; name: string };
    }>;
    expect(scaler.spec.scaleTargetRef).toMatchObject({ kind: "Deployment", name: deployment.metadata.name });
  });
});
