import { type LiveClient } from "./live-client.js";
import { noteCursor } from "./resume.js";

/**
 * Wraps a client that reconnects by itself. After each reconnection its subscriptions continue by cursor, so they do
 * not get their `last` events again. For libraries that use a client of graphql-ws or graphql-sse, such as urql.
 */
export function resumable(client: LiveClient): LiveClient {
  return {
    ...(client.terminate !== undefined && { terminate: () => client.terminate?.() }),
    subscribe: (request, sink) => {
      const variables = { ...request.variables };
      return client.subscribe(
        { ...request, variables },
        {
          next: (result) => {
            noteCursor(variables, result);
            sink.next(result);
          },
          error: (failure) => {
            sink.error(failure);
          },
          complete: () => {
            sink.complete();
          },
        },
      );
    },
  };
}
