/**
 * A hot page around a time, or with counts, beside the same page alone. The requests limit the age of the data, so that
 * the gateway builds each page: a kept answer costs the same in all cases.
 */
import { startProduct } from "../lib/contenders.js";
import { aroundOf, pageOf, withCounts } from "../lib/operations.js";
import { inRounds } from "../lib/rounds.js";
import { post } from "../lib/server.js";

const JOBS = ["places-0", "places-1", "places-2", "places-3"];
const ORDERS = ["NEWEST_FIRST", "OLDEST_FIRST"];
const SIZE = 50;
const MAX_AGE = { "Cache-Control": "max-age=60" };

async function eventsOf(url, request) {
  const answer = await (await fetch(url, post(JSON.stringify(request)))).json();
  return answer.data.trainingJob.events;
}

/** A page around the time of an event, and a page with the same rows that begins at an end of the log or at a cursor. */
async function samePages(url, id, order, { edges }, isElsewhere) {
  const around = aroundOf(id, SIZE, order, edges.at(isElsewhere ? -1 : 0).node.time);
  const page = await eventsOf(url, around);
  const known = edges.map(({ cursor }) => cursor);
  const alone = pageOf(id, SIZE, order, known[known.indexOf(page.edges[0].cursor) - 1]);
  const { edges: same } = await eventsOf(url, alone);
  if (JSON.stringify(same) !== JSON.stringify(page.edges)) throw new Error("The pages have other rows.");
  return { alone, around };
}

/** @returns by name: CPU per request in µs, with `rounds` */
export async function measurePlaces({ simulator, load, quick, say }) {
  for (const [index, id] of JOBS.entries()) await simulator.createJob(id, 1000, index + 1);
  const product = await startProduct(simulator.url);
  const requests = { page: [], around: [], counts: [], "page after a cursor": [], "around elsewhere": [] };
  for (const id of JOBS) {
    for (const order of ORDERS) {
      const first = await eventsOf(product.url, pageOf(id, 2 * SIZE, order));
      const end = await samePages(product.url, id, order, first, false);
      const elsewhere = await samePages(product.url, id, order, first, true);
      requests.page.push(end.alone);
      requests.around.push(end.around);
      requests.counts.push(withCounts(end.alone));
      requests["page after a cursor"].push(elsewhere.alone);
      requests["around elsewhere"].push(elsewhere.around);
    }
  }
  const loadOf = (name) => ({
    urls: [product.url],
    pids: [product.pid],
    requests: requests[name],
    headers: MAX_AGE,
    vary: true,
  });
  const names = Object.keys(requests);
  for (const name of names) await load({ ...loadOf(name), count: 2500 });
  // A number of requests and not a time, because each round begins with rows that were last written for another operation.
  const count = quick ? 1500 : 6000;
  const figures = await inRounds(
    Object.fromEntries(names.map((name) => [name, () => load({ ...loadOf(name), count })])),
    quick ? { rounds: 4, extraRounds: 0 } : { rounds: 9 },
  );
  say("pages around a time and with counts");
  await product.stop();
  return figures;
}
