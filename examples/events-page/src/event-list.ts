import {
  type Advice,
  adviceFor,
  AllEventsDocument,
  type AllEventsQuery,
  followEvents,
  type FollowState,
  type TrainingJobEventFilter,
} from "modelarts-events-client";
import { type Gateway } from "./gateway.js";
import { filterOf, type View } from "./view.js";

type Connection = NonNullable<NonNullable<AllEventsQuery["trainingJob"]>["events"]>;
export type Edge = Connection["edges"][number];

export type ListState = {
  /** Newest first. The same array as long as nothing is added. */
  readonly edges: readonly Edge[];
  /** New events that are not in the list yet, newest first. */
  readonly pending: readonly Edge[];
  readonly total: number;
  readonly hasOlder: boolean;
  readonly isLoading: boolean;
  readonly failure: Advice | null;
  readonly live: FollowState | null;
  readonly hasGap: boolean;
};

const EMPTY: ListState = {
  edges: [],
  pending: [],
  total: 0,
  hasOlder: false,
  isLoading: true,
  failure: null,
  live: null,
  hasGap: false,
};

/** More new events than this wait in the pill only as a number: the list is then loaded anew. */
const MAX_PENDING = 5_000;

/** The list of one view: pages towards older events, and new events on top. */
export class EventList {
  #state = EMPTY;
  #isHeld = false;
  #endCursor: string | null = null;
  readonly #controller = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly filter: TrainingJobEventFilter;

  constructor(
    readonly gateway: Gateway,
    readonly view: View,
  ) {
    this.filter = filterOf(view, Date.now());
    void this.#start();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): ListState => this.#state;

  /** While it is held, new events wait: the reader is further down, or paused the list. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (!isHeld) this.showPending();
  }

  showPending(): void {
    const { pending, edges } = this.#state;
    if (pending.length > 0) this.#set({ edges: [...pending, ...edges], pending: [] });
  }

  async loadOlder(): Promise<void> {
    if (this.#state.isLoading || !this.#state.hasOlder) return;
    this.#set({ isLoading: true, failure: null });
    const page = await this.#page(this.#endCursor);
    if (page !== null) this.#set({ edges: [...this.#state.edges, ...page.edges], ...this.#ofPage(page) });
  }

  close(): void {
    this.#controller.abort();
  }

  async #start(): Promise<void> {
    const page = await this.#page(null);
    if (page === null) return;
    this.#set({ edges: page.edges, total: page.totalCount, ...this.#ofPage(page) });
    // A range that has ended gets no new events.
    if (this.view.end === null) await this.#follow(page.edges[0]?.cursor ?? null);
  }

  #ofPage({ pageInfo }: Connection): Partial<ListState> {
    this.#endCursor = pageInfo.endCursor ?? this.#endCursor;
    return { hasOlder: pageInfo.hasNextPage, isLoading: false };
  }

  async #page(after: string | null): Promise<Connection | null> {
    const { job, project } = this.view;
    const variables = {
      id: job,
      projectId: project,
      filter: this.filter,
      after,
      order: "NEWEST_FIRST",
    } as const;
    try {
      const { trainingJob } = await this.gateway.execute(AllEventsDocument, variables);
      if (this.#controller.signal.aborted) return null;
      return trainingJob?.events ?? null;
    } catch (failure) {
      this.#set({ isLoading: false, failure: adviceFor(failure) });
      return null;
    }
  }

  async #follow(after: string | null): Promise<void> {
    const { job, project } = this.view;
    const begin = after === null ? { last: 100 } : { after };
    try {
      for await (const { edges, hasGap } of followEvents({
        client: this.gateway.live,
        variables: { id: job, projectId: project, filter: this.filter, ...begin },
        signal: this.#controller.signal,
        longestWaitMs: 10_000,
        onState: (live) => {
          this.#set({ live });
        },
      })) {
        if (hasGap) this.#set({ hasGap });
        if (edges.length > 0) this.#add(edges.toReversed());
      }
    } catch (failure) {
      this.#set({ live: null, failure: adviceFor(failure) });
    }
  }

  #add(added: readonly Edge[]): void {
    const { edges, pending, total } = this.#state;
    const grown = { total: total + added.length };
    if (this.#isHeld) this.#set({ ...grown, pending: [...added, ...pending].slice(0, MAX_PENDING) });
    else this.#set({ ...grown, edges: [...added, ...pending, ...edges], pending: [] });
  }

  #set(change: Partial<ListState>): void {
    if (this.#controller.signal.aborted) return;
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
