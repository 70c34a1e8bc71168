import { type FetchFunction, type GraphQLResponse, Observable, type SubscribeFunction } from "relay-runtime";
import { type LiveClient } from "../follow/live-client.js";
import { resumable } from "../follow/resumable.js";

/** An answer with errors. `isGatewayError` and `adviceFor` accept it. */
export class GatewayAnswerError extends Error {
  override readonly name = "GatewayAnswerError";

  constructor(readonly errors: readonly { readonly message: string }[]) {
    super(errors.map(({ message }) => message).join("\n"));
  }
}

/**
 * For `Network.create`: throws if an answer has errors. Otherwise Relay would write its `events: null` to the store and
 * lose the whole connection.
 */
export function throwOnErrors(
  fetchFunction: (...args: Parameters<FetchFunction>) => Promise<GraphQLResponse>,
): FetchFunction {
  return async (...args) => {
    const response = await fetchFunction(...args);
    const answers = "length" in response ? response : [response];
    const errors = answers.flatMap((answer) => ("errors" in answer ? (answer.errors ?? []) : []));
    if (errors.length > 0) throw new GatewayAnswerError(errors);
    return response;
  };
}

/** The second argument of `Network.create`: subscriptions that resume by cursor when `client` reconnects. */
export function subscribeWith(client: LiveClient): SubscribeFunction {
  const live = resumable(client);
  return ({ text }, variables) =>
    Observable.create<GraphQLResponse>((sink) =>
      live.subscribe(
        { query: text ?? "", variables },
        {
          next: (result) => {
            if (result.errors === undefined || result.errors.length === 0)
              sink.next(result as GraphQLResponse);
            else sink.error(asError(result.errors));
          },
          error: (failure) => {
            sink.error(asError(failure));
          },
          complete: () => {
            sink.complete();
          },
        },
      ),
    );
}

function asError(failure: unknown): Error {
  if (failure instanceof Error) return failure;
  if (Array.isArray(failure)) return new GatewayAnswerError(failure as { message: string }[]);
  return new Error("The live connection failed.", { cause: failure });
}
