import { GatewayError } from "../errors.js";
import { type EventFilter, type EventFilterInput, parseFilter } from "./filter.js";

/** The largest page size. */
const PAGE_SIZE_MAX = 100;
const PAGE_SIZE_DEFAULT = 50;

/** The order of a connection's list. */
export const ORDERS = ["NEWEST_FIRST", "OLDEST_FIRST"] as const;
export type Order = (typeof ORDERS)[number];

/** Relay's paging arguments as the client sent them; null counts as absent. */
export type PageInput = {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
  readonly aroundTime?: Date | null;
  readonly aroundEvent?: string | null;
};

/** All arguments of `TrainingJob.events`. */
export type EventsArguments = PageInput & {
  readonly filter?: EventFilterInput | null;
  /** Default: NEWEST_FIRST. */
  readonly order?: Order | null;
  readonly page?: PageInput | null;
};

/** The arguments of `Subscription.trainingJobEvents` that select events. */
export type StreamArguments = Pick<EventsArguments, "filter"> & {
  readonly after?: string | null;
  /** Default: 0. */
  readonly last?: number | null;
};

/** The start of a stream. */
export type StreamStart = {
  /** The page that is read first; all later pages have its filter. */
  readonly page: PageRequest;
  /** Whether that page is sent. If not, it only finds the position from which the stream continues. */
  readonly isShown: boolean;
};

/** Checked arguments: `size` events at one end of the range between the two cursors. */
export type PageRequest = {
  readonly filter: EventFilter;
  readonly order: Order;
  readonly size: number;
  /** Whether the page is at the start of the list (`first`) or at its end (`last`). */
  readonly at: "start" | "end";
  readonly after: CursorArgument | null;
  readonly before: CursorArgument | null;
  /** The position in the middle of the page; then there are no cursors. */
  readonly around: AroundArgument | null;
};

/** Whether a page without cursors and without an `around…` argument has the newest events. */
export function isAtNewestEnd({ order, at }: Pick<PageRequest, "order" | "at">): boolean {
  return (order === "NEWEST_FIRST") === (at === "start");
}

/** The position in the middle of a page. */
type AroundArgument =
  | { readonly kind: "time"; readonly timeMs: number }
  | { readonly kind: "event"; readonly event: CursorArgument };

/** A cursor and the path of its argument. */
export type CursorArgument = { readonly cursor: string; readonly argument: string };

/**
 * Checks the arguments of `TrainingJob.events`. Cursors are not decoded here.
 * @throws GatewayError BAD_USER_INPUT with the path of the argument at fault
 */
export function parseEventsArguments(args: EventsArguments): PageRequest {
  const nested = args.page ?? null;
  const prefix = nested === null ? "" : "page.";
  const page = nested ?? args;
  if (nested !== null) refuseFlatBeside(args);
  const first = parseSize(page.first, `${prefix}first`);
  const last = parseSize(page.last, `${prefix}last`);
  if (first !== null && last !== null) {
    throw new GatewayError("BAD_USER_INPUT", `${prefix}first and ${prefix}last cannot be used together.`, {
      argument: `${prefix}last`,
    });
  }
  return {
    filter: parseFilter(args.filter),
    order: args.order ?? "NEWEST_FIRST",
    size: first ?? last ?? PAGE_SIZE_DEFAULT,
    at: last === null ? "start" : "end",
    after: cursorArgument(page.after, `${prefix}after`),
    before: cursorArgument(page.before, `${prefix}before`),
    around: parseAround(page, prefix),
  };
}

function parseAround(page: PageInput, prefix: string): AroundArgument | null {
  const given = (name: keyof PageInput): boolean => page[name] !== null && page[name] !== undefined;
  const name = given("aroundEvent") ? "aroundEvent" : "aroundTime";
  if (!given(name)) return null;
  const argument = `${prefix}${name}`;
  for (const other of ["aroundTime", "last", "after", "before"] as const) {
    if (other === name || !given(other) || page[other] === "") continue;
    throw new GatewayError("BAD_USER_INPUT", `${argument} and ${prefix}${other} cannot be used together.`, {
      argument,
    });
  }
  if (typeof page.aroundEvent === "string") {
    return { kind: "event", event: { cursor: page.aroundEvent, argument } };
  }
  return page.aroundTime instanceof Date ? { kind: "time", timeMs: page.aroundTime.getTime() } : null;
}

/**
 * Checks the arguments of `Subscription.trainingJobEvents`. The cursor is not decoded here.
 * @throws GatewayError BAD_USER_INPUT with the path of the argument at fault
 */
export function parseStreamArguments({ filter: given, after, last: size }: StreamArguments): StreamStart {
  const last = parseSize(size, "last") ?? 0;
  const filter = parseFilter(given);
  const cursor = cursorArgument(after, "after");
  if (cursor !== null) {
    if (last === 0) return { page: pageAfter(filter, cursor), isShown: true };
    throw new GatewayError("BAD_USER_INPUT", "last must be 0 together with after.", { argument: "last" });
  }
  // A stream without a cursor begins after the newest event.
  const page: PageRequest = {
    filter,
    order: "OLDEST_FIRST",
    size: Math.max(1, last),
    at: "end",
    after: null,
    before: null,
    around: null,
  };
  return { page, isShown: last > 0 };
}

/** The next page of a stream, with the largest size; without a cursor, the first page of the log. */
export function pageAfter(filter: EventFilter, after: CursorArgument | null): PageRequest {
  return {
    filter,
    order: "OLDEST_FIRST",
    size: PAGE_SIZE_MAX,
    at: "start",
    after,
    before: null,
    around: null,
  };
}

function refuseFlatBeside(args: EventsArguments): void {
  for (const argument of ["first", "after", "last", "before", "aroundTime", "aroundEvent"] as const) {
    if (args[argument] !== null && args[argument] !== undefined) {
      throw new GatewayError("BAD_USER_INPUT", `${argument} cannot be used together with page.`, {
        argument,
      });
    }
  }
}

function parseSize(size: number | null | undefined, argument: string): number | null {
  if (size === null || size === undefined) return null;
  if (!Number.isInteger(size) || size < 0 || size > PAGE_SIZE_MAX) {
    throw new GatewayError("BAD_USER_INPUT", `${argument} must be 0 to ${PAGE_SIZE_MAX}; it is ${size}.`, {
      argument,
    });
  }
  return size;
}

/** Returns the cursor of an argument. An empty string counts as no cursor, because Relay and Apollo send it. */
function cursorArgument(cursor: string | null | undefined, argument: string): CursorArgument | null {
  return cursor === null || cursor === undefined || cursor === "" ? null : { cursor, argument };
}
