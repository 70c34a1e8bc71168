import { describe, expect, test } from "@jest/globals";
import { eventsHeaders, eventsPath } from "../../../src/modelarts/events-request.js";
import { callContext, eventsRequest } from "../../support/processes/modelarts-calls.js";

describe("the path of a call", () => {
  test("always has order, offset and limit", () => {
    expect(eventsPath("", eventsRequest({ offset: 99, limit: 100 }))).toBe(
      "/v2/project-1/training-jobs/job-1/events?order=asc&offset=99&limit=100",
    );
  });

  test("starts with the endpoint's own path", () => {
    expect(eventsPath("/proxy/a", eventsRequest())).toMatch(/^\/proxy\/a\/v2\/project-1\//);
  });

  test("has every part of the filter in the upstream's spelling", () => {
    const path = eventsPath(
      "",
      eventsRequest({
        level: "WARNING",
        source: "JOB",
        messageContains: "a+b c&d=é",
        time: { startMs: 1669449696964, endMs: 1669711991259 },
      }),
    );
    expect(path).toBe(
      "/v2/project-1/training-jobs/job-1/events?order=asc&offset=0&limit=100&level=Warning&source=Job" +
        "&pattern=a%2Bb%20c%26d%3D%C3%A9&start_time=1669449696964&end_time=1669711991259",
    );
  });

  test.each([
    ["INFO", "Info"],
    ["WARNING", "Warning"],
    ["ERROR", "Error"],
  ] as const)("level %s is %s", (level, name) => {
    expect(eventsPath("", eventsRequest({ level }))).toMatch(new RegExp(`&level=${name}$`));
  });

  test.each([
    ["K8S", "K8S"],
    ["JOB", "Job"],
    ["TASK", "Task"],
  ] as const)("source %s is %s", (source, name) => {
    expect(eventsPath("", eventsRequest({ source }))).toMatch(new RegExp(`&source=${name}$`));
  });

  test("cannot be changed by an ID", () => {
    expect(eventsPath("", eventsRequest({ projectId: "a/b", jobId: "c?d#e" }))).toMatch(
      /^\/v2\/a%2Fb\/training-jobs\/c%3Fd%23e\/events\?/,
    );
  });

  test("half a surrogate pair in the pattern does not throw", () => {
    expect(eventsPath("", eventsRequest({ messageContains: "\ud800" }))).toMatch(/&pattern=%EF%BF%BD$/);
  });
});

describe("the headers of a call", () => {
  test("with a token and a language", () => {
    const call = callContext({ credentials: { kind: "token", token: "secret" }, requestId: "id-9" });
    expect(eventsHeaders(eventsRequest({ language: "zh-cn" }), call)).toEqual({
      accept: "application/json",
      "x-request-id": "id-9",
      "x-language": "zh-cn",
      "x-auth-token": "secret",
    });
  });

  test("without either", () => {
    const call = callContext({ credentials: { kind: "none" }, requestId: "id-9" });
    expect(eventsHeaders(eventsRequest(), call)).toEqual({
      accept: "application/json",
      "x-request-id": "id-9",
    });
  });
});
