import { type ExplorerExample } from "../http/explorer/explorer-page.js";

const DOCUMENT = `query FirstEvents($id: ID!, $first: Int!, $after: String) {
  trainingJob(id: $id) {
    id
    events(first: $first, after: $after) {
      totalCount
      nodes {
        time
        level
        source
        message
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
`;

/** The first operation in the explorer. With the simulator it works unchanged, for the running job. */
export function explorerExample(simulated: boolean): ExplorerExample {
  const id = simulated ? "running" : "replace-with-the-ID-of-a-training-job";
  return { document: DOCUMENT, variables: { id, first: 10 } };
}
