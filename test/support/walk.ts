import { GatewayError } from "../../src/errors.js";
import { type EventConnection, type EventEdge } from "../../src/paging/connection.js";
import { type EventFilterInput } from "../../src/paging/filter.js";
import { type EventsArguments, type Order } from "../../src/paging/arguments.js";
import { type Language } from "../../src/training-job-event.js";

/** A source of pages of one job: a virtual gateway, or a real one over HTTP. */
export type PageSource = {
  /** @throws GatewayError */
  read(page: Partial<EventsArguments>, language: Language): Promise<EventConnection>;
};

/** The list of a walk, and the end from which the walk starts. */
export type WalkPlan = {
  readonly order: Order;
  readonly direction: "forward" | "backward";
  readonly filter: EventFilterInput | null;
};

/** The request for one page of a walk, and the changes before it. */
export type Step = {
  readonly size: number;
  readonly gateway: PageSource;
  readonly language: Language;
  readonly before: () => void;
};

/**
 * Walks a connection to its end. If an event is gone, the walk continues from `resumeCursor`.
 * @returns the edges in the order of the walk, and the number of pages without edges
 */
export async function walk(
  plan: WalkPlan,
  steps: Iterable<Step>,
): Promise<{ met: EventEdge[]; emptyPages: number }> {
  const { order, direction, filter } = plan;
  const met: EventEdge[] = [];
  let emptyPages = 0;
  let cursor: string | null = null;
  for (const { size, gateway, language, before } of steps) {
    before();
    const read = (page: Partial<EventsArguments>): Promise<EventConnection> =>
      gateway.read({ order, filter, ...page }, language);
    try {
      const page: EventConnection = await read(
        direction === "forward" ? { first: size, after: cursor } : { last: size, before: cursor },
      );
      met.push(...(direction === "forward" ? page.edges : [...page.edges].reverse()));
      if (page.edges.length === 0) emptyPages += 1;
      const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
      if (!(direction === "forward" ? hasNextPage : hasPreviousPage)) return { met, emptyPages };
      cursor = (direction === "forward" ? endCursor : startCursor) ?? cursor;
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== "CURSOR_EXPIRED") throw error;
      cursor = error.details.resumeCursor ?? null;
      if (cursor === null) return { met, emptyPages };
    }
  }
  throw new Error("The walk did not come to its end.");
}
