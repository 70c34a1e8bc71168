// Follows logs by the client package while gateways are killed. The model says which events a stream has to bring.
import { setMaxListeners } from "node:events";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { createClient as createSseClient } from "graphql-sse";
import { createClient as createWsClient } from "graphql-ws";
import { WebSocket } from "ws";
import { FollowError, followEvents } from "../../packages/client/dist/index.js";
import { momentOf } from "../walks/walk.js";

const POLL_MS = 50;

/** One stream over all its connections. */
class Stream {
  /** The events of `edges`, and the numbers of late events. */
  #seen = new Set();
  #late = new Set();
  #missed = 0;
  #first = null;
  #last = null;
  #startedAt = null;
  #batchAt = performance.now();

  constructor(log, skewMs) {
    this.log = log;
    this.skewMs = skewMs;
  }

  /** @returns null where the batch is right, else what is wrong with it */
  take({ edges, lateEdges, missed, asOf, endCursor }) {
    const { places, events } = this.log.listed(null);
    const asOfMs = momentOf(asOf);
    this.#batchAt = performance.now();
    // Until the log has been read once, a stream has no cursor.
    if (endCursor !== null) this.#startedAt ??= asOfMs;
    this.#missed += missed;
    for (const [list, { node }] of [
      ...edges.map((edge) => ["edges", edge]),
      ...lateEdges.map((edge) => ["lateEdges", edge]),
    ]) {
      const event = events[places.get(node.message)];
      if (event === undefined) return `${list}: an event that was never written: ${node.message}`;
      if (this.#seen.has(event) || this.#late.has(event)) return `${list}: twice: ${node.message}`;
      if (event.malformed !== "time" && Date.parse(node.time) !== event.timeMs)
        return `${list}: a wrong time`;
      if (event.diedAt < asOfMs - this.skewMs) return `${list}: an event that was gone: ${node.message}`;
      if (list === "lateEdges") {
        if (!event.isLate) return `not late: ${node.message}`;
        this.#late.add(event);
        continue;
      }
      if (this.#last !== null && places.get(node.message) < places.get(this.#last.message)) {
        return `in a wrong order: ${node.message} after ${this.#last.message}`;
      }
      this.#seen.add(event);
      this.#first ??= event;
      this.#last = event;
    }
    return null;
  }

  /** Describes the events of the log that the stream has not brought; null if it has brought all of them. */
  missingEvents() {
    if (this.#startedAt === null) return "no batch";
    const { events, places } = this.log.listed(null);
    const start = this.#first === null ? 0 : places.get(this.#first.message);
    const now = performance.now();
    const missing = events.filter(
      (event, place) =>
        place >= start &&
        event.diedAt > now &&
        !event.isLate &&
        !this.#seen.has(event) &&
        (this.#first !== null || event.bornAt > this.#startedAt + this.skewMs),
    );
    if (missing.length > 0) {
      const ends = `${missing[0].message} to ${missing.at(-1).message}`;
      return `missing: ${missing.length} events, ${ends}; ${Math.round(now - this.#batchAt)} ms after its last batch`;
    }
    const lateSince = (since) =>
      events.filter((event) => event.isLate && event.bornAt > since && !this.#seen.has(event)).length;
    const least = lateSince(this.#startedAt + this.skewMs);
    const most = lateSince(this.#startedAt - this.skewMs);
    const told = this.#late.size + this.#missed;
    return told < least || told > most
      ? `${this.#late.size} late events and ${this.#missed} missed of ${least} to ${most}`
      : null;
  }

  get events() {
    return this.#seen.size + this.#late.size;
  }
}

/**
 * Follows one log after the other of each kind.
 * @param options.logOf the log of a kind that is written at present, and whether its events may expire
 * @param options.completeWithinMs how long a stream may take to bring everything once its log stands still
 */
export function startFollowers({ kinds, logOf, slots, random, skewMs, mayFail, onWrong, completeWithinMs }) {
  const counts = { streams: 0, events: 0, interruptions: 0 };
  let isOver = false;

  const urlOf = async () => {
    for (;;) {
      const alive = slots.filter(({ gateway }) => gateway !== null);
      if (alive.length > 0) return random.oneOf(alive).gateway.url;
      await wait(POLL_MS);
    }
  };
  const clients = [
    () => createSseClient({ url: async () => `${await urlOf()}/stream`, retryAttempts: 0 }),
    () =>
      createWsClient({
        url: async () => (await urlOf()).replace("http", "ws"),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
      }),
  ];

  /** @returns whether the stream ended because its events expired */
  async function read(stream, client, mayExpire, signal) {
    const wrong = (text) => onWrong(`${stream.log.id} followed: ${text}`);
    const onState = ({ state, failure }) => {
      if (state === "waiting") counts.interruptions += 1;
      const errors = Array.isArray(failure) ? failure : [];
      const isExpiry = ({ extensions }) => mayExpire && extensions?.code === "CURSOR_EXPIRED";
      const fault = errors.find((error) => !mayFail(error) && !isExpiry(error));
      if (fault !== undefined) wrong(`${fault.extensions?.code} ${fault.message}`);
    };
    const variables = { id: stream.log.id, last: 100 };
    const waits = { firstWaitMs: 50, longestWaitMs: 500 };
    try {
      for await (const batch of followEvents({ client, variables, signal, onState, ...waits })) {
        const text = stream.take(batch);
        if (text === null) continue;
        wrong(text);
        return false;
      }
    } catch (error) {
      const code = error instanceof FollowError ? error.advice.error?.code : null;
      if (mayExpire && code === "CURSOR_EXPIRED") return true;
      wrong(`${code} ${error}`);
    }
    return false;
  }

  /** Follows a log until nothing writes it any more and the stream has brought everything. */
  async function follow(kind, client) {
    const { log, mayExpire } = logOf(kind);
    const ended = new AbortController();
    setMaxListeners(0, ended.signal);
    let stream;
    const reading = (async () => {
      do {
        stream = new Stream(log, skewMs);
        counts.streams += 1;
      } while (await read(stream, client, mayExpire, ended.signal));
    })();
    let hasEnded = false;
    void reading.then(() => {
      hasEnded = true;
    });
    while (!isOver && logOf(kind).log === log && !hasEnded) await wait(POLL_MS);
    const deadline = performance.now() + completeWithinMs;
    while (stream.missingEvents() !== null && !hasEnded && performance.now() < deadline) await wait(POLL_MS);
    if (!hasEnded && stream.missingEvents() !== null)
      onWrong(`${log.id} followed: ${stream.missingEvents()}`);
    ended.abort();
    await reading;
    counts.events += stream.events;
  }

  const following = kinds.map(async (kind, index) => {
    for (let turn = index; !isOver; turn += 1) {
      const client = clients[turn % clients.length]();
      await follow(kind, client);
      // Fails if it is just connecting to a gateway that is killed.
      await Promise.resolve(client.dispose()).catch(() => undefined);
    }
  });
  return {
    counts,
    /** Waits until each stream has brought everything. */
    stop: () => {
      isOver = true;
      return Promise.all(following);
    },
  };
}
