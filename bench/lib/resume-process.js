/**
 * Subscribers that resume by cursor, in a separate process. They use the client package or graphql-ws with its own
 * retries, and know the URLs of all gateways. Messages of events are numbers that grow by one.
 */
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { followEvents } from "../../packages/client/dist/index.js";

const QUERY = `subscription ($id: ID!, $after: String, $last: Int) {
  trainingJobEvents(id: $id, after: $after, last: $last) {
    caughtUp endCursor
    edges { node { message } }
  }
}`;
/** The number of connections that are opened at the same time. */
const OPEN_AT_ONCE = 50;

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
    for (let at = 0; at < specs.length; at += OPEN_AT_ONCE) {
      const chunk = specs.slice(at, at + OPEN_AT_ONCE).map((spec) => new Subscriber(spec));
      subscribers.push(...chunk);
      await Promise.all(chunk.map(({ opened }) => opened));
    }
  },
  /** Resolves when all subscribers have this event. */
  until: async ({ last, limitMs = 30_000 }) => {
    const endMs = Date.now() + limitMs;
    for (;;) {
      const behind = subscribers.filter((subscriber) => subscriber.last !== last);
      if (behind.length === 0) return;
      if (Date.now() > endMs) {
        const [{ failure, spec }] = behind;
        throw new Error(`${behind.length} did not get event ${last}: ${JSON.stringify({ spec, failure })}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  },
  report: async () =>
    subscribers.map(({ spec, resumedAtMs, lost, repeated }) => ({
      client: spec.client,
      resumedAtMs,
      lost,
      repeated,
    })),
};

process.on("message", async ({ kind, ...spec }) => {
  try {
    process.send({ result: (await work[kind](spec)) ?? null });
  } catch (error) {
    process.send({ error: error.message ?? String(error) });
  }
});
process.on("disconnect", () => process.exit());
