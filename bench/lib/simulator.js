import { fileURLToPath } from "node:url";
import { startServer } from "./server.js";

const MAIN = fileURLToPath(new URL("../../dist/simulator/main.js", import.meta.url));

/** The simulator as a separate process, and the part of its admin API that the benchmark uses. */
export async function startSimulator() {
  const env = { SIMULATOR_ADMIN: "on", SIMULATOR_PORT: "0" };
  const server = await startServer({ name: "simulator", args: [MAIN], env });
  const admin = async (method, path, body) => {
    const url = `${server.url}/admin/${path}`;
    const answer = await fetch(url, { method, body: body === undefined ? null : JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  };
  return {
    ...server,
    createJob: (id, count, seed) => admin("PUT", `jobs/demo-project/${id}`, { generate: count, seed }),
    addEvents: (id, count) => admin("POST", `jobs/demo-project/${id}/events`, { generate: count }),
    writeEvents: (id, messages) =>
      admin("POST", `jobs/demo-project/${id}/events`, { events: messages.map((message) => ({ message })) }),
    deleteJob: (id) => admin("DELETE", `jobs/demo-project/${id}`),
    setLatency: (latencyMs) => admin("PATCH", "switches", { latencyMs }),
    resetCalls: () => admin("DELETE", "calls"),
    calls: async () => (await admin("GET", "calls")).total,
    pagePath: (id, { limit, offset = 0, order = "desc" }) =>
      `/v2/demo-project/training-jobs/${id}/events?limit=${limit}&offset=${offset}&order=${order}`,
    /** A page as the upstream answers it. */
    async page(id, wanted, headers = {}) {
      return (await fetch(server.url + this.pagePath(id, wanted), { headers })).json();
    },
  };
}
