import { type FastifyInstance } from "fastify";
import { type Registry } from "prom-client";

/** Paths that machines ask all the time; their requests are logged at debug only. */
export const PROBES: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/** Routes for load balancers and for Prometheus. */
export function addProbes(app: FastifyInstance, registry: Registry, takesTraffic: () => boolean): void {
  app.get("/healthz", () => ({ status: "ok" }));
  app.get("/readyz", (_request, reply) =>
    takesTraffic() ? { status: "ok" } : reply.code(503).send({ status: "draining" }),
  );
  app.get("/metrics", async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
