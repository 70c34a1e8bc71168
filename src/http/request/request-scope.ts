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
import { traceContextOf } from "./trace-context.js";
import { logRequest, type RequestTelemetry, UNMATCHED } from "./request-log.js";

const NO_JOBS: readonly JobRef[] = [];

/** What all requests of a server share. */
export type ScopeParts = RequestTelemetry & {
  readonly createContext: (info: RequestInfo) => OperationContext;
  /** Checks the JWTs of callers; null where callers need none. */
  readonly jwt: JwtCheck | null;
  /** Stands for a token in keys and logs. */
  readonly hashToken: (token: string) => string;
  /** The deadline of one operation, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** The operations under way, so that a shutdown can end them. */
  readonly inFlight: Set<OperationDeadline>;
};

/**
 * Everything that is known of one HTTP request: who asks, since when, until when. It is made once, in front of the fast
 * lane and of Fastify, and travels with the request to whichever of them answers. It ends with the response: then one
 * line is logged and one observation is made, also where the client has left (status 499).
 */
export class RequestScope {
  readonly requestId: string;
  /** Of the performance clock. */
  readonly startedMs = performance.now();
  /** The pattern that the path matched, for logs and metrics. */
  route = UNMATCHED;
  /** How the GraphQL operation ended; null before that, and where there is none. */
  operation: OperationReport | null = null;
  /** The request as the fast lane reads it, where it may learn from the answer. */
  fastRequest: FastRequest | null = null;
  /** The hash of the caller's token, where it has been computed. */
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
    response.once("close", this.#end);
  }

  /** Whether the caller is known without a wait to be one who may ask. */
  get isAuthorized(): boolean {
    const { jwt } = this.parts;
    this.#authorization ??= jwt === null ? ALLOWED : jwt.known(this.request.headers.authorization);
    return this.#authorization !== null;
  }

  /** Tells apart callers who may read different projects; the same text for all who may read the same. */
  get projectsKey(): string {
    return this.#authorization?.projects?.key ?? "";
  }

  /** The deadline of the operation. Its time starts when it is first asked for, once the request has been read. */
  get deadline(): OperationDeadline {
    if (this.#deadline === null) {
      this.#deadline = startDeadline(this.parts.requestTimeoutMs, this.response);
      this.parts.inFlight.add(this.#deadline);
    }
    return this.#deadline;
  }

  /** The context of the operation, the same one for whoever asks. Checks the caller's credentials where necessary. */
  async loadContext(): Promise<OperationContext> {
    const { jwt } = this.parts;
    if (!this.isAuthorized && jwt !== null) {
      this.#authorization = await jwt.check(this.request.headers.authorization, this.deadline);
    }
    return this.context;
  }

  /** The same without a wait, for callers that are authorized. */
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
    const token = this.request.headers["x-auth-token"];
    if (token === undefined) return this.#authorization?.caller ?? null;
    return (this.tokenHash ??= this.parts.hashToken(String(token)));
  }

  /** The first jobs that the operation has read, with repetitions. */
  get jobs(): readonly JobRef[] {
    return this.#context?.jobs() ?? NO_JOBS;
  }

  /** For log lines; null where the request names no trace. */
  get traceId(): string | null {
    const { traceparent } = this.request.headers;
    return typeof traceparent === "string" ? (traceContextOf(traceparent, undefined)?.traceId ?? null) : null;
  }

  readonly #end = (): void => {
    if (this.#deadline !== null) this.parts.inFlight.delete(this.#deadline);
    logRequest(this, this.request, this.response, this.parts);
  };
}
