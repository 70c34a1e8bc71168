/** Subscriptions as Apollo Server documents them: graphql-ws, ws, graphql-js and an in-process pub/sub. */
import { createServer } from "node:http";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginDrainHttpServer } from "@apollo/server/plugin/drainHttpServer";
import { makeExecutableSchema } from "@graphql-tools/schema";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { batchesOf, typeDefs } from "./live-job.js";
import { listen } from "./listen.js";

const resolvers = { Subscription: { trainingJobEvents: { subscribe: (_root, { id }) => batchesOf(id) } } };
const schema = makeExecutableSchema({ typeDefs, resolvers });
const server = createServer();
const apollo = new ApolloServer({
  schema,
  plugins: [ApolloServerPluginDrainHttpServer({ httpServer: server })],
});
await apollo.start();
useServer({ schema }, new WebSocketServer({ server, path: "/graphql" }));
await listen(server);
