/** Subscriptions of the other contenders: one reader for each job, which publishes new events. */
import { EventEmitter, on } from "node:events";
import { cursorOf, enumOf, fetchPage, timeOf } from "./events-page.js";

/** The same interval as the gateway's shortest. */
const POLL_MS = 500;

export const typeDefs = /* GraphQL */ `
  scalar DateTime
  type Query {
    ok: Boolean
  }
  type Subscription {
    trainingJobEvents(id: ID!): TrainingJobEventBatch!
  }
  type TrainingJobEventBatch {
    edges: [TrainingJobEventEdge!]!
    endCursor: String
    caughtUp: Boolean!
    asOf: DateTime!
  }
  type TrainingJobEventEdge {
    cursor: String!
    node: TrainingJobEvent!
  }
  type TrainingJobEvent {
    time: DateTime!
    level: String
    source: String
    message: String!
  }
`;

const readers = new Map();

/** Reads a job's newest events repeatedly, and passes new ones to `publish`. */
export function follow(id, publish) {
  if (readers.has(id)) return;
  let total = null;
  const read = async () => {
    const path = `v2/demo-project/training-jobs/${id}/events`;
    const page = await fetchPage({ path, query: { limit: 50, offset: 0, order: "desc" } });
    const fresh = total === null ? 0 : page.total - total;
    total = page.total;
    if (fresh === 0) return;
    const events = page.events.slice(0, fresh).reverse();
    const edges = events.map((event, index) => ({
      cursor: cursorOf(total - fresh + index),
      node: {
        time: timeOf(event.time),
        level: enumOf(event.level),
        source: enumOf(event.source),
        message: event.message,
      },
    }));
    publish({ edges, endCursor: cursorOf(total - 1), caughtUp: true, asOf: new Date().toISOString() });
  };
  readers.set(
    id,
    setInterval(() => void read().catch(() => undefined), POLL_MS),
  );
}

/** The in-process pub/sub of Apollo's documentation: an emitter, and an iterator for each subscriber. */
const emitter = new EventEmitter().setMaxListeners(0);

export async function* batchesOf(id) {
  follow(id, (batch) => emitter.emit(id, batch));
  for await (const [trainingJobEvents] of on(emitter, id)) yield { trainingJobEvents };
}
