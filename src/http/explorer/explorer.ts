import { randomBytes } from "node:crypto";
import { type FastifyReply, type FastifyRequest } from "fastify";
import { type ExplorerExample, explorerPage, SANDBOX_ORIGINS } from "./explorer-page.js";
import { searchOf } from "../request/request-info.js";
import { varyAtGraph } from "../response/vary.js";

/** Whether a GET of the GraphQL path comes from a browser that opens it as a page, and is not a query. */
export function wantsExplorer(request: FastifyRequest): boolean {
  const search = new URLSearchParams(searchOf(request));
  const asks = search.has("query") || search.has("extensions");
  return !asks && (request.headers.accept ?? "").includes("text/html");
}

export function sendExplorer(reply: FastifyReply, example: ExplorerExample): FastifyReply {
  const nonce = randomBytes(16).toString("base64");
  const { scripts, frames } = SANDBOX_ORIGINS;
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' ${scripts}`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    `frame-src ${frames}`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return varyAtGraph(reply)
    .headers({
      "content-security-policy": policy.join("; "),
      "referrer-policy": "same-origin",
      "x-frame-options": "DENY",
    })
    .type("text/html; charset=utf-8")
    .send(explorerPage(nonce, example));
}
