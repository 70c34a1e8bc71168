import {
  adviceFor,
  followEvents,
  type FollowedBatch,
  type TrainingJobEventFilter,
} from "modelarts-events-client";
import { type Gateway } from "../gateway.js";
import { filterOf, type View } from "../view.js";
import { withBatch, withPending } from "./add-events.js";
import { EMPTY, type ListState } from "./list-state.js";
import { type Edge, type Page, type Pages, pagesOf } from "./pages.js";

export type { Edge } from "./pages.js";

/** The list of one view: pages in both directions, and new events on top once it has reached the newest one. */
export class EventList {
  #state = EMPTY;
  #isHeld = false;
  #attempt = 0;
  #repeat = (): void => undefined;
  #endCursor: string | null = null;
  #session = new AbortController();
  readonly #pages: Pages;
  readonly #listeners = new Set<() => void>();
  readonly #counters = new Set<(added: readonly Edge[]) => void>();
  readonly filter: TrainingJobEventFilter;
  /** Resolves once the first page has been answered, by events or a failure. */
  readonly opened: Promise<void>;

  constructor(
    readonly gateway: Gateway,
    readonly view: View,
  ) {
    this.filter = filterOf(view, Date.now());
    this.#pages = pagesOf(gateway, view, this.filter);
    this.opened = this.#start();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Told of each event that arrives after the list was opened. */
  readonly subscribeToNew = (counter: (added: readonly Edge[]) => void): (() => void) => {
    this.#counters.add(counter);
    return () => this.#counters.delete(counter);
  };

  readonly snapshot = (): ListState => this.#state;

  /** While it is held, new events wait: the reader is further down, or paused the list. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (!isHeld) this.showPending();
  }

  showPending(): void {
    if (this.#state.pendingCount === 0) return;
    const shown = withPending(this.#state);
    if (shown === null) this.restart();
    else this.#set(shown);
  }

  /** Loads the newest events in place of all that are shown. */
  restart(): void {
    this.close();
    this.#session = new AbortController();
    const { edges, total } = this.#state;
    this.#set({ ...EMPTY, edges, total });
    void this.#start();
  }

  /** Repeats the step that failed. */
  readonly retry = (): void => {
    this.#repeat();
  };

  loadOlder(): Promise<void> {
    const last = this.#state.edges.at(-1);
    if (this.#state.loading !== null || !this.#state.hasOlder || last === undefined) return Promise.resolve();
    return this.#load(
      "older",
      () => this.#pages.older(last.cursor),
      ({ edges: older, hasOlder }) => {
        const { edges } = this.#state;
        const known = new Set(edges.slice(-older.length).map(({ node }) => node.id));
        this.#set({ edges: [...edges, ...older.filter(({ node }) => !known.has(node.id))], hasOlder });
      },
    );
  }

  loadNewer(): Promise<void> {
    const [newest] = this.#state.edges;
    if (this.#state.loading !== null || !this.#state.hasNewer || newest === undefined)
      return Promise.resolve();
    return this.#load(
      "newer",
      () => this.#pages.newer(newest.cursor),
      ({ edges, hasNewer }) => {
        this.#set({ edges: [...edges, ...this.#state.edges], hasNewer });
        if (!hasNewer) this.#follow();
      },
    );
  }

  /** The ID of the next error behind the loaded events; null where there is none. @throws the client's error */
  async errorBehind(): Promise<string | null> {
    const { edges, hasOlder } = this.#state;
    const last = edges.at(-1);
    if (last === undefined || !hasOlder) return null;
    const ids = new Set(edges.slice(-100).map(({ node }) => node.id));
    return this.#pages.errorBehind(last, ({ node }) => ids.has(node.id));
  }

  close(): void {
    this.#session.abort();
  }

  #start(): Promise<void> {
    return this.#load(
      "first",
      () => this.#pages.first(),
      ({ edges, hasNewer, hasOlder, total }) => {
        this.#endCursor = null;
        this.#set({ edges, hasNewer, hasOlder, total: total ?? 0 });
        if (!hasNewer) this.#follow();
      },
    );
  }

  async #load(
    loading: ListState["loading"],
    read: () => Promise<Page>,
    use: (page: Page) => void,
  ): Promise<void> {
    const { signal } = this.#session;
    this.#set({ loading, failure: null });
    try {
      const page = await read();
      if (signal.aborted) return;
      this.#attempt = 0;
      this.#set({ loading: null, staleAsOf: page.staleAsOf });
      use(page);
    } catch (failure) {
      if (signal.aborted) return;
      this.#set({ loading: null });
      this.#fail(failure, () => void this.#load(loading, read, use));
    }
  }

  #fail(failure: unknown, repeat: () => void): void {
    this.#repeat = repeat;
    this.#set({ failure: adviceFor(failure, this.#attempt) });
    this.#attempt += 1;
  }

  #follow(): void {
    // A range that has ended gets no new events.
    if (this.view.end === null) void this.#read();
  }

  async #read(): Promise<void> {
    const { job, project } = this.view;
    const { signal } = this.#session;
    const after = this.#endCursor ?? this.#state.edges[0]?.cursor ?? null;
    const begin = after === null ? { last: 100 } : { after };
    this.#set({ failure: null });
    try {
      for await (const batch of followEvents({
        client: this.gateway.live,
        variables: { id: job, projectId: project, filter: this.filter, ...begin },
        signal,
        renewToken: this.gateway.renewToken,
        longestWaitMs: 10_000,
        onState: (live) => {
          if (!signal.aborted) this.#set({ live });
        },
      })) {
        this.#take(batch);
      }
    } catch (failure) {
      if (signal.aborted) return;
      this.#set({ live: null });
      this.#fail(failure, () => void this.#read());
    }
  }

  #take(batch: FollowedBatch): void {
    this.#endCursor = batch.endCursor ?? this.#endCursor;
    this.#attempt = 0;
    const added = [...batch.edges, ...batch.lateEdges];
    if (added.length === 0 && batch.missed === 0 && !batch.hasGap) return;
    this.#set(withBatch(this.#state, batch, this.#isHeld));
    if (added.length > 0) for (const counter of this.#counters) counter(added);
  }

  #set(change: Partial<ListState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
