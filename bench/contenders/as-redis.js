/** Apollo Server with each page as a JSON string in Redis, read and parsed for every request. */
import { Redis } from "ioredis";
import { serveApollo } from "./apollo.js";
import { fetchPage, ttlSeconds } from "./events-page.js";
import { resolversOver } from "./graph.js";

const redis = new Redis(process.env.REDIS_URL);

async function readPage(request) {
  const key = `${request.path}?${new URLSearchParams(request.query)}`;
  const text = await redis.get(key);
  if (text !== null) return JSON.parse(text);
  const page = await fetchPage(request);
  await redis.set(key, JSON.stringify(page), "EX", ttlSeconds);
  return page;
}

await serveApollo({ resolvers: resolversOver(readPage), createContext: () => ({}) });
