import { createServer, type Server } from "node:http";
import { type FastifyInstance } from "fastify";
import { type Registry } from "prom-client";

/** Paths that monitoring systems poll. Their requests are logged only at debug level. */
export const PROBES: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

type Probe = { readonly status: number; readonly type: string; readonly body: string };

/** The dependencies of the endpoints for load balancers and Prometheus. */
export type ProbeParts = { readonly registry: Registry; readonly isDraining: () => boolean };

async function answerProbe(path: string, { registry, isDraining }: ProbeParts): Promise<Probe | null> {
  const json = (status: number, text: string): Probe => ({
    status,
    type: "application/json; charset=utf-8",
    body: JSON.stringify({ status: text }),
  });
  switch (path) {
    case "/healthz":
      return json(200, "ok");
    case "/readyz":
      return isDraining() ? json(503, "draining") : json(200, "ok");
    case "/metrics":
      return { status: 200, type: registry.contentType, body: await registry.metrics() };
    default:
      return null;
  }
}

/** @param hidden the paths that are served on another port only */
export function addProbes(app: FastifyInstance, parts: ProbeParts, hidden: ReadonlySet<string>): void {
  for (const path of PROBES) {
    if (hidden.has(path)) continue;
    app.get(path, async (_request, reply) => {
      const probe = await answerProbe(path, parts);
      if (probe !== null) reply.code(probe.status).type(probe.type).send(probe.body);
      return reply;
    });
  }
}

/** A server for the probes only, so that metrics are not visible in the network of the clients. */
export function createProbeServer(parts: ProbeParts): Server {
  return createServer((request, response) => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const send = (probe: Probe | null): void => {
      const { status, type, body } = probe ?? { status: 404, type: "text/plain", body: "" };
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
      response.end(request.method === "HEAD" ? "" : body);
    };
    answerProbe(path, parts).then(send, () => {
      response.writeHead(500).end();
    });
  });
}
