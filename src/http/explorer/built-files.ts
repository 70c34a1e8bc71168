import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { type FastifyReply, type FastifyRequest } from "fastify";
import { sendError } from "../response/error-answer.js";

/** The pages that `npm run build` makes. The path is the same from src/ and from dist/. */
const BUILT = new URL("../../../dist/web/", import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

/** The files of one built page. */
export type BuiltFiles = {
  /** Null if the file does not exist, for example because the page was not built. */
  read(name: string): Buffer | null;
  /** Answers with a file. It sends the compressed copy if there is one and the client accepts it. */
  send(request: FastifyRequest, reply: FastifyReply, name: string): FastifyReply;
};

/** Serves only names that are in the folder, so that no path leads out of it. */
export function builtFiles(folder: string): BuiltFiles {
  const url = new URL(`${folder}/`, BUILT);
  let names: ReadonlySet<string> | null = null;
  const tags = new Map<string, string>();
  const read = (name: string): Buffer | null => {
    names ??= namesIn(url);
    return names.has(name) ? readFileSync(new URL(name, url)) : null;
  };
  const tagOf = (name: string, bytes: Buffer): string => {
    const tag = tags.get(name) ?? `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
    tags.set(name, tag);
    return tag;
  };
  return {
    read,
    send: (request, reply, name) => {
      const compressed = acceptsGzip(request) ? read(`${name}.gz`) : null;
      const bytes = compressed ?? (name.endsWith(".gz") ? null : read(name));
      const type = TYPES[extname(name)];
      if (bytes === null || type === undefined) {
        return sendError(reply, 404, "BAD_REQUEST", "There is no resource at this path.");
      }
      const tag = tagOf(compressed === null ? name : `${name}.gz`, bytes);
      reply.headers({ etag: tag, "cache-control": "no-cache" });
      if (request.headers["if-none-match"] === tag) return reply.code(304).send();
      if (compressed !== null) reply.header("content-encoding", "gzip");
      return reply.type(type).send(bytes);
    },
  };
}

function acceptsGzip({ headers }: FastifyRequest): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(headers["accept-encoding"] ?? "");
}

function namesIn(folder: URL): ReadonlySet<string> {
  try {
    return new Set(readdirSync(fileURLToPath(folder)));
  } catch {
    return new Set();
  }
}
