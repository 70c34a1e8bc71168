import { tracingChannel } from "node:diagnostics_channel";
import {
  type Attributes,
  type Context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from "@opentelemetry/api";

/** The message of ioredis about one command. Its arguments are not used, because they contain job IDs. */
type RedisCommand = {
  readonly command: string;
  readonly serverAddress?: string;
  readonly serverPort?: number;
  readonly error?: unknown;
};

/**
 * Makes a span for each command of Redis.
 * @param parent returns the context in which the command is sent
 * @returns a function that ends the tracing
 */
export function traceRedis(tracer: Tracer, parent: () => Context): () => void {
  const channels = tracingChannel<unknown, object>("ioredis:command");
  const open = new WeakMap<object, Span>();
  const subscribers = {
    start: (message: object) => {
      const { command, serverAddress, serverPort } = message as RedisCommand;
      const attributes: Attributes = {
        "db.system.name": "redis",
        "db.operation.name": command,
        ...(serverAddress === undefined ? {} : { "server.address": serverAddress }),
        ...(serverPort === undefined ? {} : { "server.port": serverPort }),
      };
      open.set(message, tracer.startSpan(command, { kind: SpanKind.CLIENT, attributes }, parent()));
    },
    end: () => undefined,
    asyncStart: () => undefined,
    asyncEnd: (message: object) => {
      open.get(message)?.end();
    },
    error: (message: object) => {
      const { error } = message as RedisCommand;
      const word =
        error instanceof Error ? (/^[A-Z]{3,}\b/.exec(error.message)?.[0] ?? error.name) : "unknown";
      open
        .get(message)
        ?.setAttribute("error.type", word)
        .setStatus({ code: SpanStatusCode.ERROR, message: word });
    },
  };
  channels.subscribe(subscribers);
  return () => {
    channels.unsubscribe(subscribers);
  };
}
