import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { classify, isWorthRetrying } from "../../../src/modelarts/error-map.js";

/** The documented table of error codes, as pairs of status and code. */
const rows = readFileSync(new URL("../../fixtures/modelarts-codes.tsv", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line): [number, string] => {
    const [status, code] = line.split("\t");
    return [Number(status), code ?? ""];
  });

/** The rows whose meaning is not that of their status, written down apart from the code under test. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "400 ModelArts.2775": "TRAINING_JOB_NOT_FOUND",
  "400 ModelArts.2842": "TRAINING_JOB_NOT_FOUND",
  "400 ModelArts.0204": "UNAUTHENTICATED",
  "403 ModelArts.0203": "UNAUTHENTICATED",
  "403 ModelArts.0206": "UNAUTHENTICATED",
  "403 ModelArts.2784": "UNAUTHENTICATED",
  "400 ModelArts.0428": "FORBIDDEN",
  "401 ModelArts.0428": "FORBIDDEN",
  "401 ModelArts.0112": "FORBIDDEN",
  "401 ModelArts.6201": "FORBIDDEN",
  "401 ModelArts.6203": "FORBIDDEN",
  "404 ModelArts.2786": "FORBIDDEN",
  "400 ModelArts.2771": "FORBIDDEN",
  "400 ModelArts.2804": "FORBIDDEN",
  "400 ModelArts.2823": "FORBIDDEN",
  "400 ModelArts.2837": "FORBIDDEN",
  "400 ModelArts.2838": "FORBIDDEN",
  "400 ModelArts.2891": "FORBIDDEN",
};

const BY_STATUS: Readonly<Record<number, string>> = {
  100: "UPSTREAM_INVALID_RESPONSE",
  200: "UPSTREAM_INVALID_RESPONSE",
  204: "UPSTREAM_INVALID_RESPONSE",
  400: "UPSTREAM_BAD_REQUEST",
  401: "UNAUTHENTICATED",
  403: "FORBIDDEN",
  404: "UPSTREAM_BAD_REQUEST",
  405: "UPSTREAM_BAD_REQUEST",
  408: "UPSTREAM_TIMEOUT",
  409: "UPSTREAM_BAD_REQUEST",
  413: "UPSTREAM_BAD_REQUEST",
  417: "UPSTREAM_BAD_REQUEST",
  429: "RATE_LIMITED",
  500: "UPSTREAM_UNAVAILABLE",
  501: "UPSTREAM_UNAVAILABLE",
  503: "UPSTREAM_UNAVAILABLE",
  504: "UPSTREAM_TIMEOUT",
};

describe("the documented codes", () => {
  test("are all in the table, and so is every exception", () => {
    expect(rows).toHaveLength(864);
    const pairs = new Set(rows.map(([status, code]) => `${status} ${code}`));
    expect(Object.keys(EXCEPTIONS).filter((pair) => !pairs.has(pair))).toEqual([]);
  });

  test.each(rows)("%d %s", (status, code) => {
    const expected = EXCEPTIONS[`${status} ${code}`] ?? BY_STATUS[status];
    expect(expected).toBeDefined();
    expect(classify(status, code)).toBe(expected);
  });

  test("make these numbers of each class", () => {
    const counts: Record<string, number> = {};
    for (const [status, code] of rows) {
      const meaning = classify(status, code);
      counts[meaning] = (counts[meaning] ?? 0) + 1;
    }
    expect(counts).toEqual({
      TRAINING_JOB_NOT_FOUND: 2,
      UNAUTHENTICATED: 40,
      FORBIDDEN: 47,
      UPSTREAM_BAD_REQUEST: 610,
      RATE_LIMITED: 4,
      UPSTREAM_TIMEOUT: 3,
      UPSTREAM_UNAVAILABLE: 138,
      UPSTREAM_INVALID_RESPONSE: 20,
    });
  });
});

describe("the API gateway's codes", () => {
  const table: [number, string, string, boolean][] = [
    [404, "0101", "UPSTREAM_BAD_REQUEST", false],
    [404, "0103", "UPSTREAM_BAD_REQUEST", false],
    [500, "0103", "UPSTREAM_UNAVAILABLE", false],
    [400, "0104", "UPSTREAM_BAD_REQUEST", false],
    [500, "0104", "UPSTREAM_UNAVAILABLE", false],
    [400, "0105", "UPSTREAM_BAD_REQUEST", false],
    [500, "0105", "UPSTREAM_UNAVAILABLE", false],
    [400, "0106", "UPSTREAM_BAD_REQUEST", false],
    [400, "0201", "UPSTREAM_BAD_REQUEST", false],
    [413, "0201", "UPSTREAM_BAD_REQUEST", false],
    [414, "0201", "UPSTREAM_BAD_REQUEST", false],
    [494, "0201", "UPSTREAM_BAD_REQUEST", false],
    [502, "0201", "UPSTREAM_UNAVAILABLE", true],
    [504, "0201", "UPSTREAM_TIMEOUT", true],
    [502, "0202", "UPSTREAM_UNAVAILABLE", true],
    [504, "0203", "UPSTREAM_TIMEOUT", true],
    [401, "0301", "UNAUTHENTICATED", false],
    [500, "0301", "UNAUTHENTICATED", false],
    [403, "0302", "FORBIDDEN", false],
    [401, "0303", "UNAUTHENTICATED", false],
    [403, "0304", "FORBIDDEN", false],
    [401, "0305", "UNAUTHENTICATED", false],
    [403, "0306", "FORBIDDEN", false],
    [401, "0307", "UNAUTHENTICATED", false],
    [429, "0308", "RATE_LIMITED", true],
    [403, "0310", "FORBIDDEN", false],
    [401, "0311", "UNAUTHENTICATED", false],
    [403, "0401", "FORBIDDEN", false],
    [403, "0402", "FORBIDDEN", false],
    [403, "0404", "FORBIDDEN", false],
    [405, "0501", "FORBIDDEN", false],
    [405, "0502", "FORBIDDEN", false],
    [500, "0601", "UPSTREAM_UNAVAILABLE", true],
    [400, "0602", "UPSTREAM_BAD_REQUEST", false],
    [500, "0605", "UPSTREAM_UNAVAILABLE", true],
    [500, "0606", "UPSTREAM_UNAVAILABLE", true],
    [400, "0607", "UPSTREAM_BAD_REQUEST", false],
    [500, "0608", "UPSTREAM_UNAVAILABLE", true],
    [500, "0609", "UPSTREAM_UNAVAILABLE", true],
    [502, "0610", "UPSTREAM_UNAVAILABLE", true],
    [500, "0611", "UPSTREAM_UNAVAILABLE", true],
    [500, "0612", "UPSTREAM_UNAVAILABLE", true],
    [503, "0613", "UPSTREAM_UNAVAILABLE", true],
    [500, "0705", "UPSTREAM_UNAVAILABLE", true],
    [403, "0801", "FORBIDDEN", false],
    [403, "0802", "FORBIDDEN", false],
  ];

  test.each(table)("%d %s is %s, worth a retry: %s", (status, number, expected, retry) => {
    for (const prefix of ["APIGW", "APIG", "apigw"]) {
      expect(classify(status, `${prefix}.${number}`)).toBe(expected);
      expect(isWorthRetrying(status, `${prefix}.${number}`)).toBe(retry);
    }
  });
});

describe("unknown codes", () => {
  const byStatus: [number, string, boolean][] = [
    [101, "UPSTREAM_INVALID_RESPONSE", false],
    [204, "UPSTREAM_INVALID_RESPONSE", false],
    [302, "UPSTREAM_INVALID_RESPONSE", false],
    [304, "UPSTREAM_INVALID_RESPONSE", false],
    [400, "UPSTREAM_BAD_REQUEST", false],
    [401, "UNAUTHENTICATED", false],
    [402, "UPSTREAM_BAD_REQUEST", false],
    [403, "FORBIDDEN", false],
    [404, "UPSTREAM_BAD_REQUEST", false],
    [408, "UPSTREAM_TIMEOUT", true],
    [422, "UPSTREAM_BAD_REQUEST", false],
    [429, "RATE_LIMITED", true],
    [499, "UPSTREAM_BAD_REQUEST", false],
    [500, "UPSTREAM_UNAVAILABLE", true],
    [501, "UPSTREAM_UNAVAILABLE", false],
    [502, "UPSTREAM_UNAVAILABLE", true],
    [503, "UPSTREAM_UNAVAILABLE", true],
    [504, "UPSTREAM_TIMEOUT", true],
    [599, "UPSTREAM_UNAVAILABLE", false],
    [600, "UPSTREAM_INVALID_RESPONSE", false],
  ];
  const codes = [
    null,
    "ModelArts.50004000",
    "ModelArts.81001",
    "ModelArts.9999",
    "IAM.0011",
    "401",
    "",
    "nonsense",
  ];

  test.each(byStatus)("at %d mean %s, worth a retry: %s", (status, expected, retry) => {
    for (const code of codes) {
      expect(classify(status, code)).toBe(expected);
      expect(isWorthRetrying(status, code)).toBe(retry);
    }
  });

  test("a missing job stays one under another status", () => {
    expect(classify(404, "ModelArts.2775")).toBe("TRAINING_JOB_NOT_FOUND");
    expect(classify(404, "modelarts.2775")).toBe("TRAINING_JOB_NOT_FOUND");
    expect(isWorthRetrying(500, "ModelArts.2775")).toBe(false);
  });

  test.each(["ModelArts.0301", "APIGW.2775", "XModelArts.2775", "ModelArts.27750"])(
    "%s is not a known one",
    (code) => {
      expect(classify(400, code)).toBe("UPSTREAM_BAD_REQUEST");
    },
  );
});
