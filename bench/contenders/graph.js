/** The schema of the other contenders: the part of the gateway's schema that the benchmark's operations use. */
import { cursorOf, enumOf, pageRequest, timeOf } from "./events-page.js";

export const typeDefs = /* GraphQL */ `
  scalar DateTime
  enum TrainingJobEventLevel {
    INFO
    WARNING
    ERROR
  }
  enum TrainingJobEventSource {
    K8S
    JOB
    TASK
  }
  enum TrainingJobEventOrder {
    NEWEST_FIRST
    OLDEST_FIRST
  }
  type Query {
    trainingJob(id: ID!): TrainingJob
  }
  type TrainingJob {
    id: ID!
    events(
      order: TrainingJobEventOrder! = NEWEST_FIRST
      first: Int = 50
      after: String
    ): TrainingJobEventConnection
  }
  type TrainingJobEventConnection {
    edges: [TrainingJobEventEdge!]!
    pageInfo: PageInfo!
    totalCount: Int!
  }
  type TrainingJobEventEdge {
    cursor: String!
    node: TrainingJobEvent!
  }
  type TrainingJobEvent {
    time: DateTime!
    level: TrainingJobEventLevel
    source: TrainingJobEventSource
    message: String!
  }
  type PageInfo {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }
`;

const last = ({ page, offset }) => offset + page.events.length;

/**
 * Resolver functions over the upstream's unchanged page.
 * @param readPage (request, context) => the upstream's page, or a promise of it
 */
export const resolversOver = (readPage) => ({
  Query: { trainingJob: (_root, { id }) => ({ id }) },
  TrainingJob: {
    events: async ({ id }, args, context) => {
      const request = pageRequest(id, args);
      return { page: await readPage(request, context), offset: request.offset };
    },
  },
  TrainingJobEventConnection: {
    totalCount: ({ page }) => page.total,
    edges: ({ page, offset }) => page.events.map((event, index) => ({ event, ordinal: offset + index })),
    pageInfo: (connection) => connection,
  },
  PageInfo: {
    hasNextPage: (connection) => last(connection) < connection.page.total,
    hasPreviousPage: ({ offset }) => offset > 0,
    startCursor: ({ page, offset }) => (page.events.length > 0 ? cursorOf(offset) : null),
    endCursor: (connection) => (connection.page.events.length > 0 ? cursorOf(last(connection) - 1) : null),
  },
  TrainingJobEventEdge: {
    cursor: ({ ordinal }) => cursorOf(ordinal),
    node: ({ event }) => event,
  },
  TrainingJobEvent: {
    time: ({ time }) => timeOf(time),
    level: ({ level }) => enumOf(level),
    source: ({ source }) => enumOf(source),
  },
});
