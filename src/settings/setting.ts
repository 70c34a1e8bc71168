import { type Format, type Reading } from "./formats.js";

/** The texts about a variable, for documents and error messages. */
export type About = {
  /** The default as it is written in the environment, or a phrase if it depends on other variables. */
  readonly default: string;
  readonly meaning: string;
  readonly allowed: string;
  readonly secret: boolean;
};

/** One variable: its texts, and its reader; the reader receives undefined for an unset variable. */
export type Setting<Value> = About & { readonly read: (text: string | undefined) => Reading<Value> };

/** A variable with a default. */
export function withDefault<Value>(format: Format<Value>, text: string, meaning: string): Setting<Value> {
  return { ...format, read: (given = text) => format.read(given), default: text, meaning };
}

/** A variable that can be unset: its value is then null. */
export function optional<Value>(
  format: Format<Value>,
  unset: string,
  meaning: string,
): Setting<Value | null> {
  const read = (given?: string): Reading<Value | null> =>
    given === undefined ? { value: null } : format.read(given);
  return { ...format, read, default: unset, meaning };
}
