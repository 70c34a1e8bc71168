/** Apollo Server behind a plain node:http handler, shared by all contenders with Apollo Server. */
import { createServer } from "node:http";
import { ApolloServer, HeaderMap } from "@apollo/server";
import { typeDefs } from "./graph.js";
import { listen } from "./listen.js";

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** @param createContext () => the value that resolvers get, once for each request */
export async function serveApollo({ resolvers, plugins = [], createContext }) {
  const apollo = new ApolloServer({ typeDefs, resolvers, plugins });
  await apollo.start();
  const server = createServer(async (request, response) => {
    const headers = new HeaderMap();
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: request.method, headers, search: "", body: await bodyOf(request) },
      context: async () => createContext(apollo),
    });
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    response.writeHead(answer.status ?? 200);
    response.end(answer.body.string);
  });
  await listen(server);
}
