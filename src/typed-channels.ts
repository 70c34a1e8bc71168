import { channel, subscribe as subscribeTo, unsubscribe } from "node:diagnostics_channel";

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
  return {
    publish: (name, message) => {
      channel(name).publish(message);
    },
    subscribe: (name, listener) => {
      const onMessage = (message: unknown): void => {
        listener(message as Messages[typeof name]);
      };
      subscribeTo(name, onMessage);
      return () => {
        unsubscribe(name, onMessage);
      };
    },
  };
}
