import { setTimeout as wait } from "node:timers/promises";
import { request } from "undici";
import { askEvents } from "./gateway-client.js";

/** Clients that continuously request pages of a few jobs. */
export type Load = {
  /** How many queries were answered so far. */
  answered(): number;
  /** Ends the load. @returns the answers that were not a page */
  stop(): Promise<readonly unknown[]>;
};

const PAUSE_MS = 10;

/** Puts a load on gateways: each client asks for the newest and the oldest page of one of the jobs in turn. */
export function startLoad(urls: readonly string[], jobs: readonly string[], clients = 8): Load {
  const failures: unknown[] = [];
  let going = true;
  let answered = 0;
  const ask = async (client: number): Promise<void> => {
    for (let turn = client; going; turn += 1) {
      const id = jobs[turn % jobs.length] ?? "";
      const order = turn % 2 === 0 ? "NEWEST_FIRST" : "OLDEST_FIRST";
      try {
        const { status, data, errors } = await askEvents(urls[turn % urls.length] ?? "", {
          id,
          order,
          first: 20,
        });
        const isPage = status === 200 && errors.length === 0 && data?.trainingJob.events?.edges.length === 20;
        if (isPage) answered += 1;
        else failures.push({ status, errors });
      } catch (error) {
        failures.push(error);
      }
      await wait(PAUSE_MS);
    }
  };
  const asking = Array.from({ length: clients }, (_, client) => ask(client));
  return {
    answered: () => answered,
    stop: async () => {
      going = false;
      await Promise.all(asking);
      return failures;
    },
  };
}

/** The value of one metric of a gateway, by its name with its labels; 0 if it is absent. */
export async function metricOf(url: string, name: string): Promise<number> {
  const { body } = await request(new URL("/metrics", url));
  const lines = (await body.text()).split("\n");
  return Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? 0);
}
