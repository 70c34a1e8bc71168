import { GatewayError } from "../../../src/errors.js";
import { type CallContext, type EventsAnswer, type ModelArtsClient } from "../../../src/modelarts/client.js";
import { createModelArtsClient, type ModelArtsClientOptions } from "../../../src/modelarts/create-client.js";
import { type SignIn } from "../../../src/modelarts/credentials/sign-in.js";
import { callContext, eventsRequest } from "../processes/modelarts-calls.js";

/** A client that signs in by itself and does not wait before its retries. */
export class SignedInClient {
  readonly #client: ModelArtsClient;

  constructor(endpoint: string, signIn: SignIn, changes: Partial<ModelArtsClientOptions> = {}) {
    this.#client = createModelArtsClient({
      endpoint,
      connections: 64,
      tryTimeoutMs: 5_000,
      retries: 2,
      sleep: () => Promise.resolve(),
      signIn,
      ...changes,
    });
  }

  list(projectId = "demo-project", call: Partial<CallContext> = {}): Promise<EventsAnswer> {
    return this.#client.listEvents(
      eventsRequest({ projectId, jobId: "events-1" }),
      callContext({ credentials: { kind: "none" }, ...call }),
    );
  }

  /** The code of the error that a call ends with, or `OK`. */
  async outcome(projectId?: string): Promise<string> {
    const error = await this.error(projectId);
    return error?.code ?? "OK";
  }

  /** The error of a call; null without one. */
  async error(projectId?: string): Promise<GatewayError | null> {
    try {
      await this.list(projectId);
      return null;
    } catch (error) {
      if (error instanceof GatewayError) return error;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
