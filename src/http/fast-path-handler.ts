import { type IncomingMessage, type ServerResponse } from "node:http";
import { type FastOperation, type FastPath } from "../fastpath/fast-path.js";
import { type FastAnswer, fastRequest, type FastRequest, type HeaderList } from "../fastpath/fast-request.js";
import { Variants } from "./request/variants.js";
import { type ValidOperation } from "../graphql/context.js";
import { TRACE_HEADER } from "../graphql/inline-trace.js";
import { ABANDONED, type Metrics } from "../observability/metrics/metrics.js";
import { tracedOperation } from "../observability/request-channels.js";
import { shownName } from "./operation-reports.js";
import { maxAgeMsOf } from "./request/max-age.js";
import { type RequestScope } from "./request/request-scope.js";

/** Fastify handles larger bodies, because a lookup by such a large body is not worth its cost. */
const BODY_MAX_BYTES = 16_384;
const JSON_TYPE = /^application\/json(; ?charset=utf-8)?$/i;
/** Fastify handles requests with one of these headers. */
const UNUSUAL = ["transfer-encoding", "content-encoding", "expect", "x-cache-debug", TRACE_HEADER];
/** Response headers that belong to a single request, or to the bytes of a single answer. They are not kept. */
const OWN_HEADERS = new Set([
  "x-request-id",
  "content-length",
  "connection",
  "date",
  "keep-alive",
  "server-timing",
  "timing-allow-origin",
]);

type AnswerHeaders = Readonly<Record<string, number | string | string[] | undefined>>;

export type FastPathHandlerParts = {
  readonly fastPath: FastPath;
  readonly metrics: Metrics;
  /** Returns the hash that replaces a token in keys. */
  readonly hashToken: (token: string) => string;
  readonly isDraining: () => boolean;
};

/** Answers known operations before Fastify. */
export type FastPathHandler = {
  /**
   * Takes a request if it may be able to answer it.
   * @param passToFastify passes the request to Fastify, including its body
   * @returns false if it does not take the request, which is then unchanged
   */
  readonly take: (scope: RequestScope, response: ServerResponse, passToFastify: () => void) => boolean;
  /** Stores the headers of an answer of Apollo Server without errors, for later answers to the same operation. */
  readonly learn: (scope: RequestScope, headers: AnswerHeaders, valid: ValidOperation) => void;
};

export function createFastPathHandler(parts: FastPathHandlerParts): FastPathHandler {
  const { fastPath, metrics, hashToken, isDraining } = parts;
  const variants = new Variants();

  const send = (
    scope: RequestScope,
    response: ServerResponse,
    answer: FastAnswer,
    way: "plan" | "repeat",
  ): void => {
    metrics.countOperation(null);
    metrics.countFastAnswer(way);
    scope.operation = { operationName: shownName(answer.operationName), code: null };
    const headers = ["x-request-id", scope.requestId, ...answer.headers];
    if (isDraining()) headers.push("connection", "close");
    response.writeHead(200, headers);
    response.end(answer.body);
  };

  const run = (
    scope: RequestScope,
    response: ServerResponse,
    operation: FastOperation,
    passToFastify: () => void,
  ): void => {
    const finish = (answer: FastAnswer | null): void => {
      if (response.destroyed) metrics.countOperation(ABANDONED);
      else if (answer === null) passToFastify();
      else send(scope, response, answer, "plan");
    };
    const answer = tracedOperation.run(
      () => ({ request: scope.request, way: "plan" }),
      () => operation(scope.context),
    );
    if (answer instanceof Promise) void answer.then(finish);
    else finish(answer);
  };

  const answer = (
    scope: RequestScope,
    response: ServerResponse,
    body: Buffer,
    passToFastify: () => void,
  ): void => {
    const { request } = scope;
    // Fastify reads the body again.
    const passToFastifyWithBody = (): void => {
      request.unshift(body);
      passToFastify();
    };
    if (!scope.isAuthorized) {
      passToFastifyWithBody();
      return;
    }
    const fast = requestOf(scope, body, variants, hashToken);
    const known = fastPath.find(fast);
    if (known === null) {
      scope.fastRequest = fast;
      passToFastifyWithBody();
      return;
    }
    scope.route = "/graphql";
    if (typeof known === "function") run(scope, response, known, passToFastifyWithBody);
    else send(scope, response, known, "repeat");
  };

  return {
    take: (scope, response, passToFastify) => {
      const { request } = scope;
      const length = lengthOf(request);
      if (length === null) return false;
      request.once("readable", () => {
        const body = request.read(length) as Buffer | null;
        if (body === null) passToFastify();
        else answer(scope, response, body, passToFastify);
      });
      return true;
    },
    learn: ({ fastRequest: fast }, headers, valid) => {
      if (fast !== null) fastPath.learn(fast, keptHeaders(headers), valid);
    },
  };
}

/** The length of the body of a request that the fast path can take; null for every other request. */
function lengthOf({ method, url, headers }: IncomingMessage): number | null {
  if (method !== "POST" || url !== "/graphql" || !JSON_TYPE.test(headers["content-type"] ?? "")) return null;
  if (headers.host === undefined || UNUSUAL.some((name) => headers[name] !== undefined)) return null;
  const length = Number(headers["content-length"]);
  return length > 0 && length <= BODY_MAX_BYTES ? length : null;
}

function requestOf(
  scope: RequestScope,
  body: Buffer,
  variants: Variants,
  hashToken: (token: string) => string,
): FastRequest {
  const { headers } = scope.request;
  const token = headers["x-auth-token"];
  const caller = token === undefined ? "" : hashToken(String(token));
  if (token !== undefined) scope.tokenHash = caller;
  return fastRequest({
    variant: variants.of(`${caller}\n${scope.projectsKey}`, headers),
    body,
    mayRepeat: maxAgeMsOf(headers["cache-control"]) === null,
  });
}

function keptHeaders(headers: AnswerHeaders): HeaderList {
  return Object.entries(headers).flatMap(([name, value]) =>
    OWN_HEADERS.has(name) || value === undefined ? [] : [name, String(value)],
  );
}
