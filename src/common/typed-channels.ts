import { type Channel, channel } from "node:diagnostics_channel";

/** The messages that one folder publishes on `node:diagnostics_channel`, by the name of the channel. */
type TypedChannels<Messages> = {
  /** Publishes a message. This costs almost nothing without a subscriber. */
  readonly publish: <Name extends keyof Messages & string>(name: Name, message: Messages[Name]) => void;
  /**
   * Subscribes to one channel.
   * @returns a function that ends the subscription
   */
  readonly subscribe: <Name extends keyof Messages & string>(
    name: Name,
    listener: (message: Messages[Name]) => void,
  ) => () => void;
};

/** Adds types to the messages of channels, because `node:diagnostics_channel` has none. */
export function typedChannels<Messages>(): TypedChannels<Messages> {
  // Node drops a channel that nothing references, together with its subscribers. These references keep the channels.
  const kept = new Map<string, Channel>();
  const channelOf = (name: string): Channel => {
    const known = kept.get(name);
    if (known !== undefined) return known;
    const made = channel(name);
    kept.set(name, made);
    return made;
  };
  return {
    publish: (name, message) => {
      channelOf(name).publish(message);
    },
    subscribe: (name, listener) => {
      const onMessage = (message: unknown): void => {
        listener(message as Messages[typeof name]);
      };
      // Deprecated because a channel can vanish with its subscribers. A referenced channel cannot.
      /* eslint-disable @typescript-eslint/no-deprecated */
      channelOf(name).subscribe(onMessage);
      return () => {
        channelOf(name).unsubscribe(onMessage);
      };
      /* eslint-enable @typescript-eslint/no-deprecated */
    },
  };
}
