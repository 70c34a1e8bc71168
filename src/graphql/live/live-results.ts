import { type FormattedExecutionResult, type GraphQLFormattedError } from "graphql";

type NextResult = IteratorResult<FormattedExecutionResult, void>;

/** What an operation sends, one after the other. To `return` it ends all that is done for it at once. */
export type LiveResults = {
  next(): Promise<NextResult>;
  return(): Promise<NextResult>;
  throw(error: unknown): Promise<NextResult>;
  [Symbol.asyncIterator](): LiveResults;
};

/** Ends an operation: what clients are told. The first error counts. */
export class OperationFailed extends Error {
  override readonly name = "OperationFailed";

  constructor(readonly errors: readonly GraphQLFormattedError[]) {
    super("The operation ended with errors.");
  }
}

/**
 * The same results, but that something is done around each of them.
 * @param next gives the next one
 * @param onEnd is called before they are ended early; the next one may still be on its way then
 */
export function resultsThrough(
  results: Pick<LiveResults, "return" | "throw">,
  next: () => Promise<NextResult>,
  onEnd: () => void,
): LiveResults {
  return {
    next,
    return: () => {
      onEnd();
      return results.return();
    },
    throw: (error) => {
      onEnd();
      return results.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
