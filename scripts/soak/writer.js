// Writes events into the simulator's jobs. The message of an event is its number in the job, so that a reader can tell
// which event comes next.
import { setTimeout as wait } from "node:timers/promises";

const PROJECT = "demo-project";

/**
 * Enough events that logs with and without the filter of scripts/soak/requests.js are longer than one page of
 * ModelArts.
 */
const AT_START = 600;

/** Creates the jobs, each with its first events, one for each second until now. */
export async function createJobs(simulatorUrl, count) {
  const send = async (method, path, body) => {
    const answer = await fetch(`${simulatorUrl}/admin/jobs/${PROJECT}/${path}`, {
      method,
      body: JSON.stringify(body),
    });
    await answer.text();
    if (!answer.ok) throw new Error(`The simulator answers ${answer.status} to ${method} ${path}.`);
  };
  const jobs = Array.from({ length: count }, (_, index) => ({ id: `soak-${index}`, written: AT_START }));
  const event = (number) => ({
    message: `${number}`,
    level: number % 5 === 0 ? "Warning" : "Info",
    source: "Job",
  });
  const startMs = Date.now() - AT_START * 1000;
  const events = Array.from({ length: AT_START }, (_, n) => ({ ...event(n), timeMs: startMs + n * 1000 }));
  for (const { id } of jobs) await send("PUT", id, { events });

  let isOn = true;
  /** One event a second in each job, spread over the second. */
  const write = async () => {
    for (let turn = 0; isOn; turn += 1) {
      const job = jobs[turn % count];
      await send("POST", `${job.id}/events`, { events: [event(job.written)] });
      job.written += 1;
      await wait(1000 / count);
    }
  };
  return {
    project: PROJECT,
    jobs,
    start: () => {
      const done = write();
      return async () => {
        isOn = false;
        await done;
      };
    },
  };
}
