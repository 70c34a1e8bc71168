import { type EventKind, OPENING, RUNNING } from "./catalogue.js";
import { type SimulatedEvent } from "./event.js";

/** The default start of generated jobs: a fixed moment, so that each start gives the same events. */
export const GENERATED_START_MS = Date.UTC(2026, 0, 5, 1, 0, 0);

/** Makes its message on demand: 100,000 of these are far smaller than their texts in two languages. */
class GeneratedEvent implements SimulatedEvent {
  readonly #kind: EventKind;
  readonly #worker: number;
  readonly #n: number;

  constructor(
    readonly timeMs: number,
    kind: EventKind,
    worker: number,
    n: number,
  ) {
    this.#kind = kind;
    this.#worker = worker;
    this.#n = n;
  }

  get level(): string {
    return this.#kind.level;
  }

  get source(): string {
    return this.#kind.source;
  }

  get message(): string {
    return this.#kind.message(this.#worker, this.#n);
  }

  get messageZh(): string | undefined {
    return this.#kind.messageZh?.(this.#worker, this.#n);
  }
}

/** Mixes two numbers into a 32-bit number (the finaliser of MurmurHash3). */
const mix = (seed: number, index: number): number => {
  let h = Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** The event with this index of a running job: a function of its arguments alone. */
export const generateEvent = (seed: number, index: number, timeMs: number): SimulatedEvent => {
  const noise = mix(seed, index);
  const kind = OPENING[index] ?? RUNNING[noise % RUNNING.length];
  if (!kind) throw new Error("The catalogue of running events is empty.");
  return new GeneratedEvent(timeMs, kind, (noise >>> 8) % 8, (noise >>> 11) % 10_000);
};

/** The events to generate; each option has a fixed default. */
export type GenerateOptions = { readonly seed?: number | undefined; readonly startMs?: number | undefined };

/**
 * Generates `count` events, oldest first, the same for the same arguments. About half of them share their second with
 * another.
 */
export const generateEvents = (
  count: number,
  { seed = count, startMs = GENERATED_START_MS }: GenerateOptions = {},
): SimulatedEvent[] => {
  let timeMs = startMs - (startMs % 1000);
  return Array.from({ length: count }, (_, index) => {
    const noise = mix(~seed, index);
    if (noise % 2 === 0) timeMs += 1000 * (1 + ((noise >>> 1) % 6));
    return generateEvent(seed, index, timeMs);
  });
};
