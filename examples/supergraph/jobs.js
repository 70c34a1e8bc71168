import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { createSchema, createYoga } from "graphql-yoga";

/** The SDL of this subgraph, from which the supergraph is composed. */
export const JOBS_SDL = readFileSync(new URL("jobs.graphql", import.meta.url), "utf8");

const PROJECT = "demo-project";
const PHASES = ["Running", "Completed", "Failed"];

/** The example's 30 jobs; `start.js` creates the same IDs in the simulator. */
export const JOBS = Array.from({ length: 30 }, (_, at) => ({
  id: `train-${String(at + 1).padStart(2, "0")}`,
  projectId: PROJECT,
  name: `Training run ${at + 1}`,
  phase: PHASES[at % PHASES.length],
}));

const byId = new Map(JOBS.map((job) => [job.id, job]));

// A subgraph answers `_service` with its SDL and `_entities` with the objects of the given keys.
const typeDefs = `
  ${JOBS_SDL.replace(/extend schema[^\n]*\n/, "directive @key(fields: String!) repeatable on OBJECT\n")}
  scalar _Any
  union _Entity = TrainingJob
  type _Service { sdl: String! }
  extend type Query {
    _service: _Service!
    _entities(representations: [_Any!]!): [_Entity]!
  }
`;

const resolvers = {
  Query: {
    jobs: (_root, { first }) => JOBS.slice(0, first),
    _service: () => ({ sdl: JOBS_SDL }),
    _entities: (_root, { representations }) =>
      representations.map(({ id, projectId }) =>
        projectId === PROJECT && byId.has(id) ? { __typename: "TrainingJob", ...byId.get(id) } : null,
      ),
  },
};

/**
 * Starts the jobs subgraph.
 * @param {number} port 0 for a free one
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function startJobs(port) {
  const server = createServer(createYoga({ schema: createSchema({ typeDefs, resolvers }), logging: false }));
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/graphql`, close: () => server.close() };
}
