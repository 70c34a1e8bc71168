import { ApolloLink } from "@apollo/client";
import { OperationTypeNode } from "graphql";
import { defer, mergeMap, Observable, of, retry, tap, throwError, timer } from "rxjs";
import { adviceFor } from "../errors/advice.js";
import { type LiveResult } from "../follow/live-client.js";
import { noteCursor } from "../follow/resume.js";

export type GatewayLinkOptions = {
  /** The maximum number of retries of a query after temporary failures. Default: 3. Subscriptions have no maximum. */
  readonly maxRetries?: number;
  /** Called before each retry, so that the page can show it. */
  readonly onRetry?: (failure: unknown, afterMs: number) => void;
};

/**
 * Retries failed operations as `adviceFor` says, with growing waits. Subscriptions resume by cursor, so no event comes
 * twice. Put this link before the terminating link.
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
      // The last failed result is passed on unchanged, so the page gets its data together with the errors.
      giveBackResult(),
    );
  });
}

class FailedResult extends Error {
  constructor(readonly result: ApolloLink.Result) {
    super("The answer has errors, and a retry may succeed.");
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
