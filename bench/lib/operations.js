/** The operation of the benchmark, and the check of its answers. */

export const PAGE = /* GraphQL */ `
  query Page($id: ID!, $first: Int, $after: String, $order: TrainingJobEventOrder!) {
    trainingJob(id: $id) {
      events(first: $first, after: $after, order: $order) {
        totalCount
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
        edges {
          cursor
          node {
            time
            level
            source
            message
          }
        }
      }
    }
  }
`;

const HIVE_PAGE = /* GraphQL */ `
  query Page($id: String!, $first: PositiveInt, $order: String) {
    listTrainingJobEvents(project_id: "demo-project", training_job_id: $id, limit: $first, order: $order) {
      total
      limit
      offset
      order
      events {
        time
        level
        source
        message
      }
    }
  }
`;

export const pageOf = (id, first, order = "NEWEST_FIRST", after = undefined) => ({
  query: PAGE,
  variables: { id, first, order, ...(after === undefined ? {} : { after }) },
});

const AROUND = PAGE.replace("$after: String", "$around: DateTime").replace(
  "after: $after",
  "aroundTime: $around",
);
const COUNTS = "countByLevel { level count } countBySource { source count }";

/** A page around a time. */
export const aroundOf = (id, first, order, around) => ({
  query: AROUND,
  variables: { id, first, order, around },
});

/** The same page with counts by level and by source. */
export const withCounts = ({ query, variables }) => ({
  query: query.replace("totalCount", `totalCount ${COUNTS}`),
  variables,
});

/** The same page for Hive's generated schema, which has no connection. */
export const toHive = ({ variables: { id, first, order } }) => ({
  query: HIVE_PAGE,
  variables: { id, first, order: order === "OLDEST_FIRST" ? "asc" : "desc" },
});

/** The rows of an answer in one form, for both schemas. */
function rowsOf(answer) {
  const hive = answer.data?.listTrainingJobEvents;
  if (hive) return { total: hive.total, rows: hive.events, connection: null };
  const connection = answer.data?.trainingJob?.events;
  if (!connection) throw new Error(`not a page: ${JSON.stringify(answer).slice(0, 500)}`);
  return { total: connection.totalCount, rows: connection.edges.map(({ node }) => node), connection };
}

const inOneForm = ({ time, level, source, message }) =>
  [new Date(time).getTime(), level?.toUpperCase() ?? null, source?.toUpperCase() ?? null, message].join(" ");

/**
 * Compares an answer's rows, total and page information with the upstream's own page.
 * @throws Error with the difference
 */
export function checkPage(name, answer, truth, { first }) {
  const { total, rows, connection } = rowsOf(answer);
  const wrong = (what) => {
    throw new Error(`${name} answers wrongly: ${what}`);
  };
  if (total !== truth.total) wrong(`a total of ${total} instead of ${truth.total}`);
  if (rows.length !== truth.events.length) wrong(`${rows.length} events instead of ${truth.events.length}`);
  rows.forEach((row, index) => {
    const expected = inOneForm(truth.events[index]);
    if (inOneForm(row) !== expected) wrong(`event ${index} is ${JSON.stringify(row)}, not ${expected}`);
  });
  if (!connection) return;
  const { pageInfo, edges } = connection;
  if (pageInfo.hasNextPage !== truth.total > first || pageInfo.hasPreviousPage) wrong("page information");
  if (new Set(edges.map(({ cursor }) => cursor)).size !== edges.length) wrong("duplicate cursors");
  if (pageInfo.startCursor !== edges[0].cursor || pageInfo.endCursor !== edges.at(-1).cursor) {
    wrong("a wrong startCursor or endCursor");
  }
}
