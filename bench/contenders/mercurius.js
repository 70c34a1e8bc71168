/** Mercurius with graphql-jit and parsed pages in a Map. PAGES=shaped keeps complete connection objects. */
import Fastify from "fastify";
import mercurius from "mercurius";
import { fetchPage, pageRequest, shapePage, ttlSeconds } from "./events-page.js";
import { resolversOver, typeDefs } from "./graph.js";

const pages = new Map();

/** The page from memory, synchronously, or a promise of the upstream's page. */
function readPage(request, make) {
  const key = `${request.path}?${new URLSearchParams(request.query)}`;
  const kept = pages.get(key);
  if (kept && kept.expiresMs > Date.now()) return kept.page;
  return fetchPage(request).then((fetched) => {
    const page = make(fetched);
    pages.set(key, { page, expiresMs: Date.now() + ttlSeconds * 1000 });
    return page;
  });
}

const overUpstreamPages = resolversOver((request) => readPage(request, (page) => page));
const overShapedPages = {
  Query: overUpstreamPages.Query,
  TrainingJob: {
    events: ({ id }, args) => {
      const request = pageRequest(id, args);
      return readPage(request, (page) => shapePage(page, request.offset));
    },
  },
};

const app = Fastify();
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: process.env.PAGES === "shaped" ? overShapedPages : overUpstreamPages,
  jit: 1,
});
await app.listen({ host: "127.0.0.1", port: 0 });
console.log(`ready: http://127.0.0.1:${app.server.address().port}/graphql`);
