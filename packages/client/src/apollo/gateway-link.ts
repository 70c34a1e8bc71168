import { ApolloLink } from "@apollo/client";
import { OperationTypeNode } from "graphql";
import { defer, mergeMap, Observable, of, retry, tap, throwError, timer } from "rxjs";
import { adviceFor } from "../errors/advice.js";
import { type LiveResult } from "../follow/live-client.js";
import { noteCursor } from "../follow/resume.js";

export type GatewayLinkOptions = {
  /** How often a query is repeated after failures that may pass. Default: 3. A subscription is repeated for ever. */
  readonly maxRetries?: number;
  /** Called before a repeat, so that the page can say so. */
  readonly onRetry?: (failure: unknown, afterMs: number) => void;
};

/**
 * Repeats failed operations as the gateway advises, with growing waits. Subscriptions resume by cursor, so that no
 * event comes twice. Put it in front of the link that ends the chain.
 */
export function gatewayLink({ maxRetries = 3, onRetry }: GatewayLinkOptions = {}): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const isLive = operation.operationType === OperationTypeNode.SUBSCRIPTION;
    return defer(() => forward(operation)).pipe(
      mergeMap((result) => (shouldRepeat(result) ? throwError(() => new FailedResult(result)) : of(result))),
      tap((result) => {
        if (isLive) noteCursor(operation.variables, result as LiveResult);
      }),
      retry({
        count: isLive ? Infinity : maxRetries,
        resetOnSuccess: true,
        delay: (failure: unknown, count) => {
          const reason = failure instanceof FailedResult ? failure.result : failure;
          const advice = adviceFor(reason, count - 1);
          if (advice.action !== "retry") return throwError(() => failure);
          onRetry?.(reason, advice.afterMs);
          return timer(advice.afterMs);
        },
      }),
      // The last failure goes on as the result that it was, so that the page gets the data beside its errors.
      giveBackResult(),
    );
  });
}

class FailedResult extends Error {
  constructor(readonly result: ApolloLink.Result) {
    super("The answer has errors that a retry may help.");
  }
}

function shouldRepeat(result: ApolloLink.Result): boolean {
  return (result.errors ?? []).length > 0 && adviceFor(result).action === "retry";
}

function giveBackResult() {
  return (source: Observable<ApolloLink.Result>): Observable<ApolloLink.Result> =>
    new Observable((observer) =>
      source.subscribe({
        next: (result) => {
          observer.next(result);
        },
        complete: () => {
          observer.complete();
        },
        error: (failure: unknown) => {
          if (!(failure instanceof FailedResult)) {
            observer.error(failure);
            return;
          }
          observer.next(failure.result);
          observer.complete();
        },
      }),
    );
}
