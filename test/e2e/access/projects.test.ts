import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { signedBy } from "../../support/access/access-key.js";
import { JwtIssuer } from "../../support/access/jwt-issuer.js";
import { ask, askEvents } from "../../support/processes/gateway-client.js";
import { startInProcessGateway, type InProcessGateway } from "../../support/processes/in-process-gateway.js";

let issuer: JwtIssuer;
let simulator: Simulator;
let gateway: InProcessGateway;

beforeEach(async () => {
  issuer = await JwtIssuer.start();
  simulator = await startSimulator();
  for (const projectId of ["project-a", "project-b"])
    simulator.jobs.create("job", [{ message: projectId }], projectId);
  gateway = await startInProcessGateway({
    MODELARTS_ENDPOINT: simulator.url,
    CACHE_HEAD_TTL_MS: "3600000",
    JWT_JWKS_URL: issuer.url,
    JWT_PROJECTS_CLAIM: "modelarts.projects",
    ALLOW_ANONYMOUS: "true",
    ...signedBy(),
  });
});

afterEach(async () => {
  await gateway.close();
  await simulator.close();
  await issuer.close();
});

async function bearer(projects: unknown): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await issuer.sign({ modelarts: { projects } })}` };
}

/** The message of the job's only event, or the code of the error. */
async function read(projectId: string, headers: Record<string, string>): Promise<string | undefined> {
  const { data, errors } = await askEvents(gateway.url, { id: "job", projectId, first: 1 }, headers);
  return errors[0]?.extensions.code ?? data?.trainingJob.events?.nodes[0]?.message;
}

test("a caller reads only the projects of its JWT, from the upstream, the cache and kept answers", async () => {
  const [a, b, all, none] = await Promise.all([
    bearer(["project-a"]),
    bearer(["project-b"]),
    bearer("*"),
    bearer(undefined),
  ]);
  expect(await read("project-b", a)).toBe("FORBIDDEN");
  expect(simulator.calls.total).toBe(0);
  // The same bytes until the answer is kept and repeated.
  for (let turn = 0; turn < 5; turn++) expect(await read("project-a", a)).toBe("project-a");
  const calls = simulator.calls.total;
  for (let turn = 0; turn < 5; turn++) {
    expect(await read("project-a", b)).toBe("FORBIDDEN");
    expect(await read("project-a", none)).toBe("FORBIDDEN");
    expect(await read("project-a", {})).toBe("FORBIDDEN");
    expect(await read("project-a", all)).toBe("project-a");
  }
  expect(simulator.calls.total).toBe(calls);
});

test("a router's representation of another project is FORBIDDEN, too", async () => {
  const query = `query ($projectId: ID!) {
    _entities(representations: [{ __typename: "TrainingJob", id: "job", projectId: $projectId }]) {
      ... on TrainingJob { events(first: 1) { totalCount } }
    }
  }`;
  const headers = await bearer(["project-a"]);
  expect((await ask(gateway.url, query, { projectId: "project-a" }, headers)).errors).toEqual([]);
  const { errors } = await ask(gateway.url, query, { projectId: "project-b" }, headers);
  expect(errors[0]?.extensions.code).toBe("FORBIDDEN");
});

test("a live stream of another project ends with FORBIDDEN", async () => {
  const stream = async (projectId: string): Promise<string> => {
    const query = `subscription { trainingJobEvents(id: "job", projectId: "${projectId}", last: 1) { edges { node { message } } } }`;
    const leave = new AbortController();
    const response = await fetch(`${gateway.url}/stream`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "text/event-stream",
        ...(await bearer(["project-a"])),
      },
      body: JSON.stringify({ query }),
      signal: leave.signal,
    });
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (/"data"/.test(text)) break;
    }
    leave.abort();
    return text;
  };
  expect(await stream("project-a")).toContain("project-a");
  expect(await stream("project-b")).toContain("FORBIDDEN");
});
