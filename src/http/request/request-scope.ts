import { performance } from "node:perf_hooks";
import { type IncomingMessage, type ServerResponse } from "node:http";
import { type FastRequest } from "../../fastpath/fast-request.js";
import { type OperationContext } from "../../graphql/context.js";
import { type JobRef } from "../../paging/job.js";
import { ALLOWED, type CallerAuthorization } from "../caller-authorization.js";
import { type JwtCheck } from "../jwt/jwt-check.js";
import { type OperationReport } from "../operation-reports.js";
import { type OperationDeadline, startDeadline } from "./deadline.js";
import { requestIdOf } from "./request-id.js";
import { type RequestInfo, requestInfo } from "./request-info.js";
import { traceIdOf } from "./trace-context.js";
import { type LoggedCaller, logRequest, NO_JOBS, type RequestTelemetry, UNMATCHED } from "./request-log.js";

/** What all requests of a server share. */
export type ScopeParts = RequestTelemetry & {
  readonly createContext: (info: RequestInfo) => OperationContext;
  /** Checks the JWTs of callers; null if callers need no JWT. */
  readonly jwt: JwtCheck | null;
  /** Returns the hash that replaces a token in keys and logs. */
  readonly hashToken: (token: string) => string;
  /** The deadline of one operation, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** The running operations, so that a shutdown can end them. */
  readonly inFlight: Set<OperationDeadline>;
};

/**
 * The caller, start time, deadline and operation context of one HTTP request. It is made once, before the fast path and
 * Fastify, and the one that answers uses it. It ends with the response: then one line is logged and one duration is
 * observed, even if the client has left (status 499).
 */
export class RequestScope {
  readonly requestId: string;
  /** The start time, from `performance.now()`. */
  readonly startedMs = performance.now();
  /** The route pattern of the path, for logs and metrics. All event streams have one route, whatever their path. */
  route = UNMATCHED;
  /** How the GraphQL operation ended; null before that, or without an operation. */
  operation: OperationReport | null = null;
  /** The caller and the jobs of the request's event stream; null without one. */
  stream: LoggedCaller | null = null;
  /** The request in the fast path's form, if the fast path may learn from the answer; otherwise null. */
  fastRequest: FastRequest | null = null;
  /** The hash of the caller's token; null until it is computed. */
  tokenHash: string | null = null;
  #authorization: CallerAuthorization | null = null;
  #deadline: OperationDeadline | null = null;
  #context: OperationContext | null = null;

  constructor(
    private readonly parts: ScopeParts,
    readonly request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {
    this.requestId = requestIdOf(request.headers["x-request-id"]);
    // `close` is emitted once. `once` would add a wrapper to each request.
    response.on("close", this.#end);
  }

  /** Whether the caller is already known to be authorized, without waiting for a check. */
  get isAuthorized(): boolean {
    const { jwt } = this.parts;
    this.#authorization ??= jwt === null ? ALLOWED : jwt.known(this.request.headers.authorization);
    return this.#authorization !== null;
  }

  /** A text for the set of projects that the caller may read; equal for equal sets. */
  get projectsKey(): string {
    return this.#authorization?.projects?.key ?? "";
  }

  /** The deadline of the operation. Its time starts at the first use of this getter, after the request was read. */
  get deadline(): OperationDeadline {
    if (this.#deadline === null) {
      this.#deadline = startDeadline(this.parts.requestTimeoutMs, this.response);
      this.parts.inFlight.add(this.#deadline);
    }
    return this.#deadline;
  }

  /** The context of the operation, created once. Checks the caller's credentials if necessary. */
  async loadContext(): Promise<OperationContext> {
    const { jwt } = this.parts;
    if (!this.isAuthorized && jwt !== null) {
      this.#authorization = await jwt.check(this.request.headers.authorization, this.deadline);
    }
    return this.context;
  }

  /** The same context without a wait, for authorized callers. */
  get context(): OperationContext {
    this.#context ??= this.parts.createContext(
      requestInfo(
        { id: this.requestId, headers: this.request.headers },
        this.deadline,
        this.#authorization ?? ALLOWED,
      ),
    );
    return this.#context;
  }

  /** The hash that identifies the caller in log lines; null for a caller without credentials. */
  get caller(): string | null {
    // Where JWTs identify callers, X-Auth-Token is not used, so it may contain anything.
    if (this.parts.jwt !== null) return this.#authorization?.caller ?? null;
    const token = this.request.headers["x-auth-token"];
    if (token === undefined || token === "") return null;
    return (this.tokenHash ??= this.parts.hashToken(String(token)));
  }

  /** The first jobs that the operation has read, with repetitions. */
  get jobs(): readonly JobRef[] {
    return this.#context?.jobs() ?? NO_JOBS;
  }

  /** The trace ID for log lines; null without a trace. */
  get traceId(): string | null {
    return traceIdOf(this.request.headers);
  }

  readonly #end = (): void => {
    if (this.#deadline !== null) this.parts.inFlight.delete(this.#deadline);
    logRequest(this, this.request, this.response, this.parts);
  };
}
