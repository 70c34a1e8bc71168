import { type FastifyInstance, type FastifyReply } from "fastify";
import { sendError } from "../response/error-answer.js";
import { builtFiles } from "./built-files.js";
import { type ExplorerExample } from "./explorer-page.js";
import { graphiqlPage } from "./graphiql-page.js";

/** Both pages load files only from the gateway. Their editors and charts need inline styles, but no `eval`. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const NOT_BUILT = "This page was not built. Run npm ci and npm run build.";

/** GraphiQL at `/graphiql`, and the log view of a job at `/events/{jobId}`. */
export function addBuiltPages(app: FastifyInstance, example: ExplorerExample): void {
  const graphiql = builtFiles("graphiql");
  app.get("/graphiql", (_request, reply) =>
    sendPage(reply, graphiql.read("main.js") === null ? null : graphiqlPage(example)),
  );
  app.get<{ Params: { file: string } }>("/graphiql/assets/:file", (request, reply) =>
    graphiql.send(request, reply, request.params.file),
  );
  const [events, eventsAssets] = [builtFiles("events"), builtFiles("events/assets")];
  app.get("/events/:jobId", (_request, reply) =>
    sendPage(reply, events.read("index.html")?.toString("utf8") ?? null),
  );
  app.get<{ Params: { file: string } }>("/events/assets/:file", (request, reply) =>
    eventsAssets.send(request, reply, request.params.file),
  );
}

function sendPage(reply: FastifyReply, html: string | null): FastifyReply {
  if (html === null) return sendError(reply, 404, "BAD_REQUEST", NOT_BUILT);
  return reply
    .headers({
      "content-security-policy": POLICY,
      "cache-control": "no-cache",
      "referrer-policy": "same-origin",
      "x-frame-options": "DENY",
    })
    .type("text/html; charset=utf-8")
    .send(html);
}
