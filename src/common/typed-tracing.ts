import { type AsyncLocalStorage } from "node:async_hooks";
import { tracingChannel } from "node:diagnostics_channel";

/** One kind of work that can be traced, on a tracing channel of `node:diagnostics_channel`. */
export type TypedTracing<Message extends object> = {
  /**
   * Runs the work, and publishes its start and its end.
   * @param message called only while there is a subscriber
   * @param work receives the message and can add fields to it; null while there is no subscriber
   */
  readonly run: <Result>(message: () => Message, work: (message: Message | null) => Result) => Result;
  /**
   * Subscribes to the start and the end of the work. The store holds the result of `onStart` for the work and
   * everything that it starts.
   * @returns a function that ends the subscription
   */
  readonly subscribe: <Store>(
    store: AsyncLocalStorage<Store>,
    onStart: (message: Message) => Store,
    onEnd: (message: Message, fault: unknown) => void,
  ) => () => void;
};

/** @param name the name of the tracing channel, without its prefix `tracing:` */
export function typedTracing<Message extends object>(name: string): TypedTracing<Message> {
  const { start, asyncEnd } = tracingChannel<unknown, object>(name);
  return {
    run: (message, work) => {
      if (!start.hasSubscribers) return work(null);
      const traced = message();
      return start.runStores(traced, () => {
        const end = (fault: unknown): void => {
          asyncEnd.publish({ traced, fault });
        };
        let result;
        try {
          result = work(traced);
        } catch (error) {
          end(error);
          throw error;
        }
        if (result instanceof Promise) {
          result.then(() => {
            end(null);
          }, end);
        } else {
          end(null);
        }
        return result;
      });
    },
    subscribe: (store, onStart, onEnd) => {
      const onAsyncEnd = (ended: unknown): void => {
        const { traced, fault } = ended as { traced: Message; fault: unknown };
        onEnd(traced, fault);
      };
      start.bindStore(store, (message) => onStart(message as Message));
      // Deprecated because a channel can vanish with its subscribers. A referenced channel cannot.
      /* eslint-disable @typescript-eslint/no-deprecated */
      asyncEnd.subscribe(onAsyncEnd);
      return () => {
        start.unbindStore(store);
        asyncEnd.unsubscribe(onAsyncEnd);
      };
      /* eslint-enable @typescript-eslint/no-deprecated */
    },
  };
}
