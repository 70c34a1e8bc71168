import { type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { type Answer, jsonAnswer } from "./answer.js";
import { errorBody } from "./error-bodies.js";
import { type Fault } from "./faults.js";

/** Sends a whole answer. */
export const send = (response: ServerResponse, { status, headers, body }: Answer): void => {
  // HTTP forbids a length for an answer without a body.
  const length = status === 204 ? {} : { "Content-Length": Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
  response.end(body);
};

/** Runs `act` after a delay, unless the connection is closed by then. */
export const later = (response: ServerResponse, delayMs: number, act: () => void): void => {
  const timer = setTimeout(act, delayMs);
  response.once("close", () => {
    clearTimeout(timer);
  });
};

/** Sends the headers and the first half of the body. Returns the other half. */
const sendHalf = (response: ServerResponse, { status, headers, body }: Answer): void => {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, "Content-Length": bytes.length });
  response.write(bytes.subarray(0, bytes.length >> 1));
};

const drip = (response: ServerResponse, answer: Answer, intervalMs: number, step: number): void => {
  const bytes = Buffer.from(answer.body);
  let sent = 0;
  response.writeHead(answer.status, { ...answer.headers, "Content-Length": bytes.length });
  response.flushHeaders();
  const timer = setInterval(() => {
    response.write(bytes.subarray(sent, sent + step));
    sent += step;
    if (sent >= bytes.length) response.end();
  }, intervalMs);
  response.once("close", () => {
    clearInterval(timer);
  });
};

function* hugePage(bytes: number): Generator<string> {
  const piece = "x".repeat(65_536);
  yield '{"total":1,"limit":50,"offset":0,"order":"asc","events":[{"time":"2026-01-05T09:00:00+08:00","level":"Info","source":"Task","message":"';
  for (let left = bytes; left > 0; left -= piece.length)
    yield left < piece.length ? piece.slice(0, left) : piece;
  yield '"}]}';
}

const damage = (answer: Answer, how: Extract<Fault, { kind: "damaged" }>["how"]): Answer => {
  if (how === "truncated") return { ...answer, body: answer.body.slice(0, answer.body.length >> 1) };
  if (how === "wrong-content-type") return { ...answer, headers: { "Content-Type": "text/plain" } };
  if (how === "empty-body") return { ...answer, body: "" };
  const page = JSON.parse(answer.body) as Record<string, unknown>;
  if (how === "events-not-array") return { ...answer, body: JSON.stringify({ ...page, events: {} }) };
  delete page.total;
  return { ...answer, body: JSON.stringify(page) };
};

const errorAnswer = (fault: Extract<Fault, { kind: "error" }>, requestId: string): Answer => {
  const { status, shape, code, message, headers } = fault;
  const body = errorBody(shape, { status, code, message, requestId });
  if (typeof body !== "string") return jsonAnswer(status, body, headers);
  return { status, headers: { "Content-Type": "text/html", ...headers }, body };
};

/** Answers a call with a fault. `normal` makes the answer without the fault. */
export const sendFault = (
  response: ServerResponse,
  fault: Fault,
  requestId: string,
  normal: () => Answer,
): void => {
  switch (fault.kind) {
    case "error":
      send(response, errorAnswer(fault, requestId));
      return;
    case "answer": {
      const { status, body, contentType, headers } = fault;
      send(response, { status, headers: { "Content-Type": contentType, ...headers }, body });
      return;
    }
    case "redirect":
      send(response, { status: fault.status, headers: { Location: fault.location }, body: "" });
      return;
    case "reset":
      if (fault.when === "before-answer") response.socket?.resetAndDestroy();
      else {
        sendHalf(response, normal());
        later(response, 20, () => response.socket?.resetAndDestroy());
      }
      return;
    case "hang":
      return;
    case "delay":
      later(response, fault.delayMs, () => {
        send(response, normal());
      });
      return;
    case "drip":
      drip(response, normal(), fault.intervalMs, fault.bytes);
      return;
    case "stall":
      sendHalf(response, normal());
      return;
    case "huge":
      response.writeHead(200, { "Content-Type": "application/json" });
      Readable.from(hugePage(fault.bytes)).pipe(response);
      return;
    case "damaged":
      send(response, damage(normal(), fault.how));
  }
};
