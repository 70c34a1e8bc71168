import { request } from "undici";
import { type EventConnection } from "../../../src/paging/connection.js";

/** One error as a client sees it. */
type ClientError = {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>> & {
    readonly code: string;
    readonly retryable: boolean;
  };
};

export type Answer<Data> = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly data: Data | null;
  readonly errors: readonly ClientError[];
  readonly extensions: Readonly<Record<string, unknown>>;
};

/** Sends one operation to a gateway by POST, as a front end would. */
export async function ask<Data>(
  url: string,
  query: string,
  variables: object = {},
  headers: Record<string, string> = {},
): Promise<Answer<Data>> {
  const {
    statusCode,
    headers: answered,
    body,
  } = await request(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const parsed = (await body.json()) as { data?: Data | null; errors?: ClientError[]; extensions?: object };
  return {
    status: statusCode,
    headers: answered,
    data: parsed.data ?? null,
    errors: parsed.errors ?? [],
    extensions: { ...parsed.extensions },
  };
}

const EVENTS = `query Events(
  $id: ID!, $projectId: ID, $filter: TrainingJobEventFilter, $order: TrainingJobEventOrder!,
  $first: Int, $after: String, $last: Int, $before: String
) {
  trainingJob(id: $id, projectId: $projectId) {
    events(filter: $filter, order: $order, first: $first, after: $after, last: $last, before: $before) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { time level source message } }
      nodes { time level source message }
    }
  }
}`;

type EventsData = { trainingJob: { events: EventConnection | null } };

/** One page of events, with all fields of a connection. */
export function askEvents(
  url: string,
  variables: { readonly id: string; readonly order?: string } & Readonly<Record<string, unknown>>,
  headers: Record<string, string> = {},
): Promise<Answer<EventsData>> {
  return ask<EventsData>(url, EVENTS, { order: "NEWEST_FIRST", ...variables }, headers);
}

/** The page of an answer that is expected to have one. */
export function pageOf({ data, errors }: Answer<EventsData>): EventConnection {
  const page = data?.trainingJob.events;
  if (page === null || page === undefined) throw new Error(`There is no page: ${JSON.stringify(errors)}`);
  return page;
}
