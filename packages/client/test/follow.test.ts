import { connect, createServer, type Server, type Socket } from "node:net";
import { type AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { followEvents, type FollowOptions, type FollowState, isGatewayError } from "modelarts-events-client";
import { eventually } from "../../../test/support/eventually.js";
import {
  startRestartableGateway,
  type RestartableGateway,
} from "../../../test/support/processes/restartable-gateway.js";
import { LIVE_CLIENTS } from "./live-clients.js";

let gateway: RestartableGateway;
beforeAll(async () => {
  gateway = await startRestartableGateway({ MODELARTS_AUTH: "passthrough" });
});
afterAll(() => gateway.close());

let job = "";
let jobs = 0;
let token = "good";
beforeEach(() => {
  token = "good";
  gateway.simulator.set({ tokens: [{ token: "good" }, { token: "renewed" }] });
  gateway.simulator.faults.clear();
  jobs += 1;
  job = `follow-${jobs}`;
});

/** A loop over `followEvents` in the background. */
class Following {
  readonly messages: string[] = [];
  readonly states: FollowState["state"][] = [];
  failure: unknown = null;
  isOver = false;
  hasGap = false;
  missed = 0;
  readonly late: string[] = [];
  readonly #controller = new AbortController();
  readonly over: Promise<void>;

  constructor(options: Omit<FollowOptions, "signal" | "onState">) {
    this.over = this.#run({
      firstWaitMs: 20,
      longestWaitMs: 200,
      ...options,
      signal: this.#controller.signal,
      onState: ({ state }) => this.states.push(state),
    });
    following.push(this);
  }

  async #run(options: FollowOptions): Promise<void> {
    try {
      for await (const { edges, lateEdges, missed, hasGap } of followEvents(options)) {
        this.messages.push(...edges.map(({ node }) => node.message));
        this.late.push(...lateEdges.map(({ node }) => node.message));
        this.missed += missed;
        this.hasGap ||= hasGap;
      }
    } catch (failure) {
      this.failure = failure;
    }
    this.isOver = true;
  }

  async stop(): Promise<void> {
    this.#controller.abort();
    await this.over;
  }
}

let following: Following[] = [];
afterEach(async () => {
  for (const one of following) await one.stop();
  following = [];
});

const headers = (): Record<string, string> => ({ "X-Auth-Token": token });

describe.each(LIVE_CLIENTS)("following by %s", (_name, createClient) => {
  const client = (url = gateway.url) => createClient(url, headers);

  test("returns the last events, then each new event once", async () => {
    const first = gateway.write(job, 30);
    const follower = new Following({ client: client(), variables: { id: job, last: 10 } });
    await eventually(() => follower.messages.length === 10);
    const more = gateway.write(job, 250);
    await eventually(() => follower.messages.length === 260);
    expect(follower.messages).toEqual([...first.slice(-10), ...more]);
    expect(follower.states.slice(0, 2)).toEqual(["connecting", "following"]);
  });

  test("resumes after the gateway was killed, without a loss and without a repeat", async () => {
    const first = gateway.write(job, 5);
    const follower = new Following({ client: client(), variables: { id: job, last: 3 } });
    await eventually(() => follower.messages.length === 3);
    await gateway.kill();
    const meanwhile = gateway.write(job, 120);
    await eventually(() => follower.states.includes("waiting"));
    await gateway.start();
    await eventually(() => follower.messages.length === 123);
    const later = gateway.write(job, 1);
    await eventually(() => follower.messages.length === 124);
    expect(follower.messages).toEqual([...first.slice(-3), ...meanwhile, ...later]);
  });

  test("renews a refused token once, and continues at its position", async () => {
    const first = gateway.write(job, 4);
    let renewals = 0;
    const renewToken = (): void => {
      renewals += 1;
      token = "renewed";
    };
    const follower = new Following({ client: client(), renewToken, variables: { id: job, last: 4 } });
    await eventually(() => follower.messages.length === 4);
    gateway.simulator.set({ tokens: [{ token: "renewed" }] });
    const later = gateway.write(job, 4);
    await eventually(() => follower.messages.length === 8);
    expect(follower.messages).toEqual([...first, ...later]);
    expect(renewals).toBe(1);
    expect(follower.states).toContain("signing-in");
  });

  test("ends if the new token is also refused", async () => {
    gateway.write(job, 1);
    token = "bad";
    const follower = new Following({ client: client(), renewToken: () => null, variables: { id: job } });
    await follower.over;
    expect(isGatewayError(follower.failure, "UNAUTHENTICATED")).toBe(true);
    expect(follower.states.filter((state) => state === "signing-in")).toHaveLength(1);
  });

  test("ends with a final error, and throws it", async () => {
    const follower = new Following({ client: client(), variables: { id: "no-such-job" } });
    await follower.over;
    expect(isGatewayError(follower.failure, "TRAINING_JOB_NOT_FOUND")).toBe(true);
    expect(follower.failure).toMatchObject({ name: "FollowError", advice: { action: "tell-user" } });
  });

  test("continues after events that ModelArts removed, and reports the gap", async () => {
    gateway.write(job, 20);
    const follower = new Following({ client: client(), variables: { id: job, last: 5 } });
    await eventually(() => follower.messages.length === 5);
    await gateway.kill();
    gateway.write(job, 30);
    gateway.simulator.jobs.trim(job, 40);
    await gateway.start();
    await eventually(() => follower.messages.length >= 15);
    expect(follower.hasGap).toBe(true);
    expect(follower.messages.slice(5)).toEqual(Array.from({ length: 10 }, (_, at) => `${job} ${40 + at}`));
  });

  test("returns late events separately, and the number of those that are too old", async () => {
    const messages = gateway.write(job, 150);
    const follower = new Following({ client: client(), variables: { id: job, last: 50 } });
    await eventually(() => follower.messages.length === 50);
    messages.push(...gateway.write(job, 1));
    await eventually(() => follower.messages.length === 51);
    const late = gateway.writeLate(job, 140);
    await eventually(() => follower.late.length === 1);
    gateway.writeLate(job, 3);
    await eventually(() => follower.missed === 1);
    expect(follower.late).toEqual([late]);
    expect(follower.messages).toEqual(messages.slice(-51));
  });

  test("accepts a query that selects fewer fields", async () => {
    const messages = gateway.write(job, 2);
    const query = `subscription ($id: ID!, $last: Int) {
      trainingJobEvents(id: $id, last: $last) { edges { cursor node { message } } endCursor caughtUp }
    }`;
    const batches = followEvents({ client: client(), query, variables: { id: job, last: 1 } });
    const first = await batches.next();
    await batches.return?.();
    expect(first.value).toMatchObject({
      edges: [{ node: { message: messages[1] } }],
      lateEdges: [],
      missed: 0,
    });
  });

  test("finds a dead connection by the missing heartbeat", async () => {
    gateway.write(job, 2);
    const relay = await startRelay(Number(new URL(gateway.url).port));
    const follower = new Following({
      client: client(`http://127.0.0.1:${relay.port}/graphql`),
      variables: { id: job, last: 2 },
      // Less than the 15 s of the gateway's heartbeat: it also fires on a connection that is alive.
      silenceMs: 1_500,
    });
    await eventually(() => follower.messages.length === 2);
    relay.freeze();
    const later = gateway.write(job, 3);
    await eventually(() => follower.messages.length === 5);
    expect(follower.messages.slice(2)).toEqual(later);
    expect(relay.connections()).toBeGreaterThan(1);
    await follower.stop();
    relay.close();
  });

  test("keeps a bounded number of batches for a slow reader", async () => {
    const all = gateway.write(job, 5_000);
    const batches = followEvents({ client: client(), variables: { id: job, last: 1 } });
    await batches.next();
    await batches.return?.();
    const slow = followEvents({ client: client(), variables: { id: job, after: await firstCursor(job) } });
    const read: string[] = [];
    for await (const { edges } of slow) {
      read.push(...edges.map(({ node }) => node.message));
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (read.length === 4_999) break;
    }
    expect(read).toEqual(all.slice(1));
  });

  test("leaving the loop or aborting ends it without an error", async () => {
    gateway.write(job, 1);
    const follower = new Following({ client: client(), variables: { id: job } });
    await eventually(() => follower.states.includes("following"));
    await follower.stop();
    expect([follower.isOver, follower.failure]).toEqual([true, null]);
    for await (const batch of followEvents({ client: client(), variables: { id: job, last: 1 } })) {
      expect(batch.edges).toHaveLength(1);
      break;
    }
  });
});

async function firstCursor(id: string): Promise<string> {
  const query = `{ trainingJob(id: "${id}") { events(order: OLDEST_FIRST, first: 1) { pageInfo { endCursor } } } }`;
  const response = await fetch(gateway.url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-auth-token": token },
    body: JSON.stringify({ query }),
  });
  const { data } = (await response.json()) as {
    data: { trainingJob: { events: { pageInfo: { endCursor: string } } } };
  };
  return data.trainingJob.events.pageInfo.endCursor;
}

type Relay = {
  readonly port: number;
  /** From now on no byte passes on the connections that are open; new ones work. */
  freeze(): void;
  connections(): number;
  close(): void;
};

async function startRelay(target: number): Promise<Relay> {
  const pairs: [Socket, Socket][] = [];
  const server: Server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    pairs.push([near, far]);
    near.on("error", () => far.destroy()).pipe(far);
    far.on("error", () => near.destroy()).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => {
      for (const [near, far] of pairs) far.unpipe(near).pause();
    },
    connections: () => pairs.length,
    close: () => {
      server.close();
      for (const [near, far] of pairs) [near, far].forEach((socket) => socket.destroy());
    },
  };
}
