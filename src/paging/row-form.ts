import { LEVELS, SOURCES } from "../training-job-event.js";

// The bits that say how the texts of a row are written. They share a byte with the row's kind.

/** The message needs no JSON escapes. */
export const PLAIN = 0x80;
/** The texts of level and source are stored with the row. */
export const STORED_TEXTS = 0x40;
/** ModelArts writes the source like `Job`, the level like `Info`. Without these bits, both are as in the schema. */
export const SOURCE_CAPITALIZED = 0x20;
export const LEVEL_CAPITALIZED = 0x10;
/** The bits of the kind. */
export const KIND = 0x0f;

/** Characters that JSON escapes, and a few more. */
const ESCAPED = /["\\\p{Control}\p{Surrogate}]/u;

/** The spelling of the API's own example. */
const CAPITALIZED: ReadonlyMap<string | null, string> = new Map(
  [...LEVELS, ...SOURCES].map((name) => [name, `${name.slice(0, 1)}${name.slice(1).toLowerCase()}`]),
);

/** The form of a message. */
export function messageForm(message: string): number {
  return ESCAPED.test(message) ? 0 : PLAIN;
}

/**
 * The form of a level or source.
 * @param name the name in the schema
 * @param text the text of ModelArts
 * @param capitalized the bit that stands for this spelling
 */
export function textForm(name: string | null, text: string | null, capitalized: number): number {
  if (text === name) return 0;
  return text !== null && text === CAPITALIZED.get(name) ? capitalized : STORED_TEXTS;
}

/** The text of a level or source that is not stored with its row. */
export function textOf(name: string | null, form: number, capitalized: number): string | null {
  return (form & capitalized) === 0 ? name : (CAPITALIZED.get(name) ?? null);
}
