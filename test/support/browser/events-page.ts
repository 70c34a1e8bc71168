import { type Locator, type Page } from "playwright-core";
import { startRestartableGateway, type RestartableGateway } from "../processes/restartable-gateway.js";
import { startChromium } from "./chromium.js";

/** The events page in Chromium, on a gateway and a simulator. */
export type EventsPage = {
  readonly gateway: RestartableGateway;
  /** Opens a job's page, with a search if there is one. */
  open(path: string): Promise<Page>;
  /** The forbidden actions of pages, such as errors in the console. Closes the pages and clears the list. */
  closePages(): Promise<readonly string[]>;
  /** A job with events of one second each; every tenth is an error. Returns its ID. */
  readonly createJob: (count: number) => string;
  readonly write: (job: string, from: number, count: number) => void;
  /** Writes an event with the time of another one. */
  writeLate(job: string, at: number, message: string): void;
  close(): Promise<void>;
};

export type EventsPageOptions = {
  readonly env?: Record<string, string>;
  /** Whether failed requests are allowed, because the test causes them. */
  readonly mayFail?: boolean;
};

const START_MS = Date.UTC(2026, 0, 5);

export async function startEventsPage({
  env = {},
  mayFail = false,
}: EventsPageOptions = {}): Promise<EventsPage> {
  // A gateway with passthrough requires a token; the simulator accepts any.
  const gateway = await startRestartableGateway({
    MODELARTS_AUTH: "passthrough",
    CACHE_HEAD_TTL_MS: "300",
    ...env,
  });
  const browser = await startChromium();
  const { context } = browser;
  await context.addInitScript(
    'sessionStorage.getItem("events-page-token") ?? sessionStorage.setItem("events-page-token", "any")',
  );
  let faults: string[] = [];
  let jobs = 0;
  const { jobs: store } = gateway.simulator;
  const write = (job: string, from: number, count: number): void => {
    store.add(
      job,
      Array.from({ length: count }, (_, index) => {
        const at = from + index;
        const level = at % 10 === 0 ? "Error" : "Info";
        return {
          timeMs: START_MS + at * 1000,
          level,
          source: "Job",
          message: `step ${at} of ${job}`,
        } as const;
      }),
    );
  };
  return {
    gateway,
    write,
    open: async (path) => {
      const page = await context.newPage();
      page.on("pageerror", (error) => faults.push(error.message));
      if (!mayFail) {
        page.on("console", (message) => {
          if (["error", "warning"].includes(message.type())) faults.push(message.text());
        });
        page.on("requestfailed", (sent) => faults.push(`failed: ${sent.url()}`));
        page.on("response", (answer) => {
          if (answer.status() >= 400) faults.push(`${answer.status()}: ${answer.url()}`);
        });
      }
      await page.goto(new URL(`events/${path}`, gateway.url).href);
      return page;
    },
    closePages: async () => {
      for (const page of context.pages().slice(1)) await page.close();
      const found = faults;
      faults = [];
      return found;
    },
    createJob: (count) => {
      jobs += 1;
      const job = `page-${jobs}`;
      store.create(job, []);
      write(job, 0, count);
      return job;
    },
    writeLate: (job, at, message) => {
      store.add(job, [{ timeMs: START_MS + at * 1000, level: "Info", source: "Job", message }]);
    },
    close: async () => {
      await browser.close();
      await gateway.close();
    },
  };
}

export const rows = (page: Page): Locator => page.locator(".row");

export const messages = (page: Page): Promise<string[]> => page.locator(".row .message").allTextContents();

export const activeMessage = (page: Page): Locator => page.locator(".row[aria-current] .message");

export async function scrollTo(page: Page, top: number): Promise<void> {
  await page.evaluate(`document.querySelector(".rows").scrollTop = ${top}`);
}

/** The time of the event that `write` wrote at an index, as URLs have it. */
export const timeOf = (at: number): string => new Date(START_MS + at * 1000).toISOString();
