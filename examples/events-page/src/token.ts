const KEY = "events-page-token";

let token = sessionStorage.getItem(KEY) ?? "";
let waiting: (() => void)[] = [];
const listeners = new Set<() => void>();
/** Other tabs with this page get a new token, too, so that the user enters it only once. */
const tabs = new BroadcastChannel(KEY);

function use(next: string): void {
  token = next;
  sessionStorage.setItem(KEY, next);
  const released = waiting;
  waiting = [];
  for (const resolve of released) resolve();
  for (const listener of listeners) listener();
}

tabs.onmessage = ({ data }: MessageEvent<unknown>) => {
  if (typeof data === "string") use(data);
};

/** A token of ModelArts, or a JWT, which has two dots. The browser sends it only to the gateway. */
export const tokens = {
  current: (): string => token,

  set: (next: string): void => {
    use(next);
    tabs.postMessage(next);
  },

  /** Waits for a token other than the refused one. */
  renewed: async (refused: string): Promise<void> => {
    if (token !== refused) return;
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      for (const listener of listeners) listener();
    });
  },

  isWanted: (): boolean => waiting.length > 0,

  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
