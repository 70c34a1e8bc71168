/** Subscriptions of mercurius, with its own pub/sub in the process. */
import Fastify from "fastify";
import mercurius from "mercurius";
import { follow, typeDefs } from "./live-job.js";

const resolvers = {
  Subscription: {
    trainingJobEvents: {
      subscribe: (_root, { id }, { pubsub }) => {
        follow(id, (trainingJobEvents) => void pubsub.publish({ topic: id, payload: { trainingJobEvents } }));
        return pubsub.subscribe(id);
      },
    },
  },
};

const app = Fastify();
await app.register(mercurius, { schema: typeDefs, resolvers, subscription: true, jit: 1 });
await app.listen({ host: "127.0.0.1", port: 0 });
console.log(`ready: http://127.0.0.1:${app.server.address().port}/graphql`);
