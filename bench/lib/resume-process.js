/**
 * Subscribers that resume by cursor, in a separate process. They use the client package or graphql-ws with its own
 * retries, and know the URLs of all gateways. Messages of events are numbers that grow by one.
 */
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { followEvents } from "../../packages/client/dist/index.js";
import { openAll, serveParent, untilNoneIsBehind } from "./subscriber-process.js";

const QUERY = `subscription ($id: ID!, $after: String, $last: Int) {
  trainingJobEvents(id: $id, after: $after, last: $last) {
    caughtUp endCursor
    edges { node { message } }
  }
}`;

class Subscriber {
  /** The number of the last event; null before the first one. */
  last = null;
  lost = 0;
  repeated = 0;
  failure = null;
  /** The time of the first result after a lost connection, in milliseconds since the epoch. */
  resumedAtMs = null;
  #isLost = false;
  #onFirst = null;

  constructor(spec) {
    this.spec = spec;
    let turn = 0;
    const url = () => spec.urls[turn++ % spec.urls.length].replace("http", "ws");
    const own = spec.client === "graphql-ws";
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      connectionParams: { "X-Auth-Token": spec.token },
      // As docs/front-end.md shows it. The pauses between retries are those of graphql-ws: 1.3 to 4 s for the first one.
      ...(own ? { retryAttempts: Infinity, shouldRetry: () => true } : { retryAttempts: 0 }),
      on: {
        closed: () => {
          this.#isLost = true;
        },
      },
    });
    this.opened = new Promise((resolve, reject) => {
      this.#onFirst = resolve;
      const run = own ? this.#retryByProtocol(client) : this.#follow(client);
      run.catch((error) => {
        this.failure = error?.message ?? JSON.stringify(error);
        reject(new Error(this.failure));
      });
    });
    this.opened.catch(() => undefined);
  }

  async #follow(client) {
    const variables = { id: this.spec.id, last: 0 };
    for await (const batch of followEvents({ client, variables, query: QUERY })) this.#take(batch);
  }

  /** graphql-ws sends the same request again, so the cursor is written into its variables. */
  #retryByProtocol(client) {
    const variables = { id: this.spec.id, last: 0 };
    return new Promise((resolve, reject) => {
      client.subscribe(
        { query: QUERY, variables },
        {
          next: ({ data, errors }) => {
            if (errors) return;
            Object.assign(variables, { after: data.trainingJobEvents.endCursor, last: null });
            this.#take(data.trainingJobEvents);
          },
          error: reject,
          complete: resolve,
        },
      );
    });
  }

  #take({ edges }) {
    this.#onFirst();
    if (this.#isLost) {
      this.#isLost = false;
      this.resumedAtMs = Date.now();
    }
    for (const { node } of edges) {
      const number = Number(node.message);
      if (this.last !== null && number <= this.last) this.repeated += 1;
      else {
        if (this.last !== null) this.lost += number - this.last - 1;
        this.last = number;
      }
    }
  }
}

const subscribers = [];

const work = {
  open: async ({ specs }) => {
    subscribers.push(...(await openAll(specs, (spec) => new Subscriber(spec))));
  },
  /** Resolves when all subscribers have this event. */
  until: ({ last, limitMs = 30_000 }) =>
    untilNoneIsBehind(
      () => subscribers.filter((subscriber) => subscriber.last !== last),
      (behind) => {
        const [{ failure, spec }] = behind;
        return `${behind.length} did not get event ${last}: ${JSON.stringify({ spec, failure })}`;
      },
      { limitMs, everyMs: 10 },
    ),
  report: async () =>
    subscribers.map(({ spec, resumedAtMs, lost, repeated }) => ({
      client: spec.client,
      resumedAtMs,
      lost,
      repeated,
    })),
};

serveParent(work);
