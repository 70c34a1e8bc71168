import { performance } from "node:perf_hooks";
import { type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import {
  type FastAnswer,
  type FastOperation,
  type FastPath,
  fastRequest,
  type FastRequest,
  type HeaderList,
} from "../fastpath/fast-path.js";
import { type OperationContext, type ValidOperation } from "../graphql/context.js";
import { type Coding, codingOf, encode } from "./response/compression.js";
import { requestIdOf } from "./request/request-id.js";

/** Larger bodies are not worth a key of their own size. */
const BODY_MAX_BYTES = 16_384;
const JSON_TYPE = /^application\/json(; ?charset=utf-8)?$/i;
/** Requests with one of these are none of the lane's. */
const UNUSUAL = ["transfer-encoding", "content-encoding", "expect", "x-cache-debug"];
/** Headers of an answer that belong to one request, or to its bytes. */
const OWN_HEADERS = new Set(["x-request-id", "content-length", "connection", "date", "keep-alive"]);

type AnswerHeaders = Readonly<Record<string, number | string | string[] | undefined>>;

/** An operation's context, and what is to be done when it is over. */
type FastRun = { readonly context: OperationContext; readonly end: () => void };

/** A request that the lane answers; `startedMs` is of the performance clock. */
type Observed = {
  readonly requestId: string;
  readonly operationName: string | null;
  readonly startedMs: number;
  readonly way: "plan" | "repeat";
};

/** What the lane does for a request beside answering it. */
export type FastLaneParts = {
  readonly fastPath: FastPath;
  /** Whether a caller is known to be one who may ask; null where all may. The others go the ordinary way. */
  readonly isAuthorized: ((request: IncomingMessage) => boolean) | null;
  readonly begin: (request: IncomingMessage, response: ServerResponse, requestId: string) => FastRun;
  /** Stands for a token in keys. */
  readonly hashToken: (token: string) => string;
  /** Logs and counts a request that the lane answers. */
  readonly observe: (response: ServerResponse, request: Observed) => void;
  readonly isDraining: () => boolean;
};

/** A lane before a server's own listener. */
export type FastLane = {
  /** The context of a run that came to no answer: the ordinary way goes on with it, so that nothing is read twice. */
  readonly contextOf: (request: IncomingMessage) => OperationContext | undefined;
  /** Notes the headers with which the ordinary way has answered without an error. */
  readonly learn: (request: IncomingMessage, headers: AnswerHeaders, valid: ValidOperation) => void;
};

/** Answers what has been answered before right at the socket, and lets all else through as if nobody had looked. */
export function openFastLane(server: Server, parts: FastLaneParts): FastLane {
  const { fastPath, isAuthorized: mayPass, begin, observe, isDraining } = parts;
  const requests = new WeakMap<IncomingMessage, FastRequest>();
  const contexts = new WeakMap<IncomingMessage, OperationContext>();
  const listeners = server.listeners("request") as RequestListener[];
  const goOn: RequestListener = (request, response) => {
    for (const listener of listeners) listener(request, response);
  };

  /** Puts the body back, so that the ordinary way reads it again. */
  const goOnWith = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    request.unshift(body);
    goOn(request, response);
  };

  const run = (
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    operation: FastOperation,
  ): void => {
    const startedMs = performance.now();
    const requestId = requestIdOf(request.headers["x-request-id"]);
    const { context, end } = begin(request, response, requestId);
    const finish = (answer: FastAnswer | null): void => {
      end();
      if (answer === null) {
        // The same operation, whichever way it goes.
        request.headers["x-request-id"] = requestId;
        contexts.set(request, context);
        goOnWith(request, response, body);
      } else {
        observe(response, { requestId, operationName: answer.operationName, startedMs, way: "plan" });
        send(response, answer, requestId, isDraining());
      }
    };
    const answer = operation(context);
    if (answer instanceof Promise) void answer.then(finish);
    else finish(answer);
  };

  const take = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const fast = requestOf(request, body, parts.hashToken);
    const known = fastPath.find(fast);
    if (known === null) {
      requests.set(request, fast);
      goOnWith(request, response, body);
    } else if (typeof known === "function") {
      run(request, response, body, known);
    } else {
      const requestId = requestIdOf(request.headers["x-request-id"]);
      const { operationName } = known;
      observe(response, { requestId, operationName, startedMs: performance.now(), way: "repeat" });
      send(response, known, requestId, isDraining());
    }
  };

  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    const length = isDraining() ? null : lengthOf(request);
    if (length === null) {
      goOn(request, response);
      return;
    }
    request.once("readable", () => {
      const body = request.read(length) as Buffer | null;
      if (body === null) goOn(request, response);
      else if (mayPass === null || mayPass(request)) take(request, response, body);
      else goOnWith(request, response, body);
    });
  });
  return {
    contextOf: (request) => contexts.get(request),
    learn: (request, headers, valid) => {
      const fast = requests.get(request);
      if (fast !== undefined) fastPath.learn(fast, keptHeaders(headers), valid);
    },
  };
}

/** The length of a body that may be answered here; null for every other request. */
function lengthOf({ method, url, headers }: IncomingMessage): number | null {
  if (method !== "POST" || url !== "/graphql" || !JSON_TYPE.test(headers["content-type"] ?? "")) return null;
  if (headers.host === undefined || UNUSUAL.some((name) => headers[name] !== undefined)) return null;
  const length = Number(headers["content-length"]);
  return length > 0 && length <= BODY_MAX_BYTES ? length : null;
}

function requestOf(
  { headers }: IncomingMessage,
  body: Buffer,
  hashToken: (token: string) => string,
): FastRequest {
  const token = headers["x-auth-token"];
  const caller = token === undefined ? "" : hashToken(String(token));
  const coding = codingOf(headers["accept-encoding"]);
  // What the headers of an answer depend on, beside the coding of its bytes.
  const negotiation = `${headers.origin ?? ""}\n${headers.accept ?? ""}\n${headers["content-type"] ?? ""}`;
  const language = `${String(headers["x-language"] ?? "")}\n${headers["accept-language"] ?? ""}`;
  const asker = `${caller}\n${language}\n${coding.name ?? ""}${coding.minBytes}`;
  return fastRequest(negotiation, asker, body, (answer, isKept) => pack(answer, coding, isKept));
}

function pack(answer: FastAnswer, wanted: Coding, isKept: boolean): FastAnswer {
  const { body, coding } = encode(answer.body, wanted, isKept ? "kept" : "once");
  const headers = [...answer.headers, "content-length", String(body.length)];
  if (coding !== null) headers.push("content-encoding", coding);
  return { headers, body, operationName: answer.operationName };
}

function send(response: ServerResponse, answer: FastAnswer, requestId: string, isDraining: boolean): void {
  const headers = ["x-request-id", requestId, ...answer.headers];
  if (isDraining) headers.push("connection", "close");
  response.writeHead(200, headers);
  response.end(answer.body);
}

function keptHeaders(headers: AnswerHeaders): HeaderList {
  return Object.entries(headers).flatMap(([name, value]) =>
    OWN_HEADERS.has(name) || value === undefined ? [] : [name, String(value)],
  );
}
