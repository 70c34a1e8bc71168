/** Apollo Server and its REST data source, with that one's HTTP cache in memory. CACHE=responses adds the official plugin. */
import { RESTDataSource } from "@apollo/datasource-rest";
import { ApolloServerPluginCacheControl } from "@apollo/server/plugin/cacheControl";
import responseCachePlugin from "@apollo/server-plugin-response-cache";
import { serveApollo } from "./apollo.js";
import { ttlSeconds, upstream } from "./events-page.js";
import { resolversOver } from "./graph.js";

class EventsApi extends RESTDataSource {
  baseURL = `${upstream}/`;

  page({ path, query }) {
    // The upstream sends no cache headers, so the lifetime is set here.
    return this.get(path, { params: query, cacheOptions: { ttl: ttlSeconds } });
  }
}

const wholeResponses =
  process.env.CACHE === "responses"
    ? [
        ApolloServerPluginCacheControl({ defaultMaxAge: ttlSeconds }),
        // The default export of a CommonJS package.
        (responseCachePlugin.default ?? responseCachePlugin)(),
      ]
    : [];

await serveApollo({
  resolvers: resolversOver((request, { eventsApi }) => eventsApi.page(request)),
  plugins: wholeResponses,
  createContext: ({ cache }) => ({ eventsApi: new EventsApi({ cache }) }),
});
