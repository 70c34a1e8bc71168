/** Subscribers in a separate process: plain WebSockets or event streams, without a client library. */
import { request as httpRequest } from "node:http";
import { WebSocket } from "ws";
import { openAll, serveParent, untilNoneIsBehind } from "./subscriber-process.js";

const AS_OF = /"asOf":"([^"]+)"/;
const EVENT = /"message":/g;

const subscribers = [];
let delaysMs = [];

class Subscriber {
  events = 0;
  #onFirst = null;

  /** @param greets whether the server sends a first result at once */
  constructor({ url, transport, body, headers, greets }) {
    this.opened = new Promise((resolve, reject) => {
      this.#onFirst = resolve;
      if (transport === "ws") this.#openSocket(url, body, headers, greets, reject);
      else this.#openStream(url, body, headers, reject);
    });
  }

  #openSocket(url, body, headers, greets, reject) {
    const socket = new WebSocket(url.replace("http", "ws"), "graphql-transport-ws", {
      headers,
      perMessageDeflate: false,
    });
    socket.on("open", () => socket.send('{"type":"connection_init"}'));
    socket.on("error", reject);
    socket.on("message", (data) => {
      const text = data.toString();
      if (text.includes('"connection_ack"')) {
        socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: body }));
        if (!greets) this.#onFirst();
      } else if (text.includes('"next"')) this.#take(text);
      else if (text.includes('"ping"')) socket.send('{"type":"pong"}');
      else if (text.includes('"error"')) reject(new Error(text));
    });
  }

  #openStream(url, body, headers, reject) {
    const sent = JSON.stringify(body);
    const request = httpRequest(url, {
      method: "POST",
      headers: { ...headers, accept: "text/event-stream", "content-type": "application/json" },
    });
    request.on("error", reject);
    request.on("response", (response) => {
      if (response.statusCode !== 200)
        reject(new Error(`An event stream was answered by ${response.statusCode}.`));
      response.setEncoding("utf8");
      this.#onFirst();
      response.on("data", (text) => this.#take(text));
    });
    request.end(sent);
  }

  #take(text) {
    const found = text.match(EVENT)?.length ?? 0;
    if (found > 0) {
      this.events += found;
      const asOf = AS_OF.exec(text)?.[1];
      if (asOf) delaysMs.push(Date.now() - Date.parse(asOf));
    }
    this.#onFirst();
  }
}

const work = {
  open: async ({ specs }) => {
    subscribers.push(...(await openAll(specs, (spec) => new Subscriber(spec))));
  },
  reset: async () => {
    delaysMs = [];
    for (const subscriber of subscribers) subscriber.events = 0;
  },
  until: ({ events, limitMs = 30_000 }) =>
    untilNoneIsBehind(
      () => subscribers.filter((subscriber) => subscriber.events < events),
      (behind) => `${behind.length} of ${subscribers.length} did not get ${events} events.`,
      { limitMs, everyMs: 2 },
    ),
  delays: async () => {
    const sorted = delaysMs.sort((a, b) => a - b);
    const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? null;
    return {
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      most: subscribers.reduce((most, { events }) => Math.max(most, events), 0),
    };
  },
};

serveParent(work);
