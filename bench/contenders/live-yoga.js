/** Subscriptions of GraphQL Yoga as event streams. */
import { createServer } from "node:http";
import { createSchema, createYoga } from "graphql-yoga";
import { batchesOf, typeDefs } from "./live-job.js";
import { listen } from "./listen.js";

const resolvers = { Subscription: { trainingJobEvents: { subscribe: (_root, { id }) => batchesOf(id) } } };
const yoga = createYoga({ schema: createSchema({ typeDefs, resolvers }), logging: false });
await listen(createServer(yoga));
