import { afterEach, describe, expect, test } from "@jest/globals";
import { GATEWAY_ERRORS, GatewayError, type GatewayErrorCode } from "../../../src/errors.js";
import { TRACE_HEADER } from "../../../src/graphql/inline-trace.js";
import { type Graph, ONE_EVENT, startGraph } from "../../support/graph.js";

let graph: Graph;
afterEach(() => graph.apollo.stop());

const QUERY = '{ trainingJob(id: "job") { id events { totalCount } } }';
/** A graph whose reads fail, also with values that are not Errors. */
// eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
const failing = (reason: unknown) => startGraph({ readEvents: () => Promise.reject(reason) });

describe("a GatewayError", () => {
  test.each(Object.keys(GATEWAY_ERRORS) as GatewayErrorCode[])("%s nulls only its field", async (code) => {
    graph = await failing(new GatewayError(code, `About ${code}.`));
    const { status, data, errors } = await graph.post({ query: QUERY });
    expect(status).toBe(200);
    expect(data).toEqual({ trainingJob: { id: "job", events: null } });
    expect(errors).toEqual([
      {
        message: `About ${code}.`,
        locations: [{ line: 1, column: 31 }],
        path: ["trainingJob", "events"],
        extensions: { code, retryable: GATEWAY_ERRORS[code].retryable },
      },
    ]);
  });

  test("shows its details, and not its cause", async () => {
    const details = {
      argument: "page.after",
      modelArts: { errorCode: "ModelArts.2786", errorMsg: "no", httpStatus: 404, requestId: "r" },
      retryAfterMs: 1500,
      resumeCursor: null,
    };
    const cause = new Error("connect ECONNREFUSED 10.0.0.1:6379");
    graph = await failing(new GatewayError("RATE_LIMITED", "Wait.", details, { cause }));
    const { error, text } = await graph.post({ query: QUERY });
    expect(error.extensions).toEqual({ code: "RATE_LIMITED", retryable: true, ...details });
    expect(text).not.toContain("ECONNREFUSED");
    expect(graph.faults).toEqual([]);
  });
});

describe("an unexpected exception", () => {
  test.each([
    ["an Error", new Error("redis://user:secret@host failed")],
    [
      "an Error with a code of its own",
      Object.assign(new Error("secret"), { extensions: { code: "SECRET" } }),
    ],
    ["a rejected value that is no Error", "secret"],
    ["a rejection without a reason", undefined],
  ])("%s is logged and not shown to the client", async (_what, thrown) => {
    graph = await failing(thrown);
    const { status, data, errors, text } = await graph.post({ query: QUERY });
    expect(status).toBe(200);
    expect(data).toEqual({ trainingJob: { id: "job", events: null } });
    expect(errors[0]).toMatchObject({
      message: "Internal server error",
      extensions: { code: "INTERNAL_SERVER_ERROR", retryable: false },
    });
    expect(text).not.toMatch(/secret|stack/i);
    expect(graph.faults).toHaveLength(1);
    if (thrown instanceof Error) expect(graph.faults).toEqual([thrown]);
  });

  test("it is not shown in a trace", async () => {
    graph = await failing(new Error("redis://user:secret@host failed"));
    const { text } = await graph.post({ query: QUERY }, "application/json", { [TRACE_HEADER]: "ftv1" });
    const { ftv1 } = (JSON.parse(text) as { extensions: { ftv1: string } }).extensions;
    const trace = Buffer.from(ftv1, "base64").toString("latin1");
    expect(trace).toContain("Internal server error");
    expect(trace).not.toMatch(/secret|stack/i);
  });

  test("a page without a field that the schema promises is a fault, too", async () => {
    graph = await startGraph({
      readEvents: () => Promise.resolve({ ...ONE_EVENT, totalCount: Number.NaN }),
    });
    const { error } = await graph.post({ query: QUERY });
    expect(error.extensions).toEqual({ code: "INTERNAL_SERVER_ERROR", retryable: false });
    expect(graph.faults).toHaveLength(1);
  });

  test("a fault of only the plan is logged, and the operation is still answered", async () => {
    const counts = [Number.NaN];
    const page = {
      ...ONE_EVENT,
      get totalCount() {
        return counts.pop() ?? 27;
      },
    };
    graph = await startGraph({ readEvents: () => Promise.resolve(page) });
    const { data, errors } = await graph.post({ query: QUERY });
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ trainingJob: { events: { totalCount: 27 } } });
    expect(graph.faults).toMatchObject([{ message: "A non-null field has no value." }]);
  });

  test("a failure to make the context is a fault", async () => {
    graph = await startGraph();
    const { HeaderMap } = await import("@apollo/server");
    const response = await graph.apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: "POST",
        headers: new HeaderMap([["content-type", "application/json"]]),
        search: "",
        body: { query: "{ __typename }" },
      },
      context: () => Promise.reject(new Error("secret")),
    });
    expect(response.status).toBe(500);
    expect(response.body).toEqual({
      kind: "complete",
      string:
        '{"errors":[{"message":"Internal server error","extensions":{"code":"INTERNAL_SERVER_ERROR","retryable":false}}]}\n',
    });
    expect(graph.faults).toHaveLength(1);
  });
});
