import { type LiveClient } from "./live-client.js";
import { noteCursor } from "./resume.js";

/**
 * A client whose subscriptions go on by cursor after each reconnection that the client makes by itself, in place of
 * sending their `last` events again. For libraries that take a client of graphql-ws or graphql-sse, such as urql.
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
