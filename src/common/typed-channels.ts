import { type Channel, channel } from "node:diagnostics_channel";

/** The channels of one room: what it publishes on `node:diagnostics_channel`, by the channel's name. */
type TypedChannels<Messages> = {
  /** Tells whoever listens; costs next to nothing while nobody does. */
  readonly publish: <Name extends keyof Messages & string>(name: Name, message: Messages[Name]) => void;
  /**
   * Listens to one channel.
   * @returns a function that ends it
   */
  readonly subscribe: <Name extends keyof Messages & string>(
    name: Name,
    listener: (message: Messages[Name]) => void,
  ) => () => void;
};

/** Gives the messages of a room's channels their types, which `node:diagnostics_channel` does not know. */
export function typedChannels<Messages>(): TypedChannels<Messages> {
  // Node keeps a channel only while somebody has it, and one made anew can be taken for the one that has just gone:
  // then it is forgotten with its listeners.
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
      // Deprecated since a channel may vanish with its listeners, which those that are kept do not.
      /* eslint-disable @typescript-eslint/no-deprecated */
      channelOf(name).subscribe(onMessage);
      return () => {
        channelOf(name).unsubscribe(onMessage);
      };
      /* eslint-enable @typescript-eslint/no-deprecated */
    },
  };
}
