import { Gauge, type Registry } from "prom-client";
import { counterBy } from "./counter-by.js";

/** The protocol of a live connection: graphql-ws or graphql-sse. */
export type LiveTransport = "ws" | "sse";

/**
 * The reasons to refuse a live connection: the process, its caller or its address has too many, or the process shuts
 * down.
 */
const LIVE_REFUSALS = ["full", "caller_full", "address_full", "closing"] as const;
export type LiveRefusal = (typeof LIVE_REFUSALS)[number];

/** Metrics of live connections and their subscriptions. */
export type LiveMetrics = {
  /** Adds or removes one connection. */
  addConnections(transport: LiveTransport, change: 1 | -1): void;
  /** Adds or removes one subscription. */
  addStreams(transport: LiveTransport, change: 1 | -1): void;
  /** Counts one batch and its events. */
  countBatch(transport: LiveTransport, events: number): void;
  /** Counts one connection that was refused. */
  countRefusal(reason: LiveRefusal): void;
  /** Counts the end of one subscription, by reason: `client`, `shutdown`, `stalled`, or the code of an error. */
  countStreamEnd(reason: string): void;
};

export function createLiveMetrics(registers: Registry[]): LiveMetrics {
  const gauge = (name: string, help: string): Gauge<"transport"> =>
    new Gauge({ name, help, labelNames: ["transport"], registers });
  const connections = gauge(
    "live_connections",
    "Connections that stay open: WebSockets (ws) and event streams (sse).",
  );
  const streams = gauge("live_streams", "Running subscriptions, by transport.");
  const countBatches = counterBy("transport", {
    name: "live_batches_total",
    help: "Batches sent to subscriptions, heartbeats included, by transport.",
    registers,
  });
  const countEvents = counterBy("transport", {
    name: "live_events_total",
    help: "Events sent to subscriptions, by transport.",
    registers,
  });
  const countEnds = counterBy("reason", {
    name: "live_streams_ended_total",
    help: "Subscriptions that ended: client, shutdown, stalled, or the code of an error.",
    registers,
  });
  const countRefusal = counterBy(
    "reason",
    {
      name: "live_refusals_total",
      help: "Live connections that were refused, by reason: full, caller_full (the limit of one caller), address_full (the limit of one address before events are read) or closing.",
      registers,
    },
    LIVE_REFUSALS,
  );
  return {
    countRefusal,
    addConnections: (transport, change) => {
      connections.inc({ transport }, change);
    },
    addStreams: (transport, change) => {
      streams.inc({ transport }, change);
    },
    countBatch: (transport, events) => {
      countBatches(transport);
      countEvents(transport, events);
    },
    countStreamEnd: (reason) => {
      countEnds(reason);
    },
  };
}
