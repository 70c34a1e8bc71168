import { Gauge, type Registry } from "prom-client";
import { counterBy } from "./counter-by.js";

/** By which protocol a connection stays open: graphql-ws or graphql-sse. */
export type LiveTransport = "ws" | "sse";

/** What is counted of connections that stay open, and of what goes over them. */
export type LiveMetrics = {
  /** One connection more, or with -1 less. */
  addConnections(transport: LiveTransport, change: 1 | -1): void;
  /** One subscription more, or with -1 less. */
  addStreams(transport: LiveTransport, change: 1 | -1): void;
  /** One batch, and the events in it. */
  countBatch(transport: LiveTransport, events: number): void;
  /** One subscription that ended: `client`, `shutdown`, `stalled`, or the code of an error. */
  countStreamEnd(reason: string): void;
};

export function createLiveMetrics(registers: Registry[]): LiveMetrics {
  const gauge = (name: string, help: string): Gauge<"transport"> =>
    new Gauge({ name, help, labelNames: ["transport"], registers });
  const connections = gauge(
    "live_connections",
    "Connections that stay open: WebSockets (ws) and event streams (sse).",
  );
  const streams = gauge("live_streams", "Subscriptions that are being served, by transport.");
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
  return {
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
