import { describe, expect, test } from "@jest/globals";
import { readErrorBody } from "../../../src/modelarts/error-body.js";

describe("an error's body", () => {
  test.each([
    [
      "ModelArts v2",
      { error_code: "ModelArts.50004000", error_msg: "Bad request." },
      { errorCode: "ModelArts.50004000", errorMsg: "Bad request.", requestId: null },
    ],
    [
      "ModelArts v1",
      { is_success: false, error_message: "Gone.", error_code: "ModelArts.0102", error_solution: "Look." },
      { errorCode: "ModelArts.0102", errorMsg: "Gone.", requestId: null },
    ],
    [
      "the API gateway",
      { error_msg: "Throttled.", error_code: "APIGW.0308", request_id: "abc" },
      { errorCode: "APIGW.0308", errorMsg: "Throttled.", requestId: "abc" },
    ],
    [
      "IAM v3",
      { error: { message: "Unauthorized.", code: 401, title: "Unauthorized" } },
      { errorCode: "401", errorMsg: "Unauthorized.", requestId: null },
    ],
    [
      "IAM v3.0",
      { error_msg: "No token.", error_code: "IAM.0011" },
      { errorCode: "IAM.0011", errorMsg: "No token.", requestId: null },
    ],
    [
      "IAM with a bare number",
      { error_msg: "Mandatory.", error_code: 1100 },
      { errorCode: "1100", errorMsg: "Mandatory.", requestId: null },
    ],
    [
      "IAM 5",
      { error_code: "IAM.0070", error_msg: "Denied.", encoded_authorization_message: "opaque" },
      { errorCode: "IAM.0070", errorMsg: "Denied.", requestId: null },
    ],
    [
      "nested and flat at once: flat counts",
      {
        error: { code: "ModelArts.81101", message: "inner", type: "x" },
        error_code: "ModelArts.81102",
        error_msg: "outer",
      },
      { errorCode: "ModelArts.81102", errorMsg: "outer", requestId: null },
    ],
    [
      "nested alone",
      { error: { code: "ModelArts.81101", message: "inner", request_id: "r" } },
      { errorCode: "ModelArts.81101", errorMsg: "inner", requestId: "r" },
    ],
    [
      "nested in its flat names",
      { fault: { error_code: "ModelArts.2775", error_msg: "inner" } },
      { errorCode: "ModelArts.2775", errorMsg: "inner", requestId: null },
    ],
    [
      "camel case",
      { errorCode: "MRS.1", errorMessage: "Camel.", requestId: "c" },
      { errorCode: "MRS.1", errorMsg: "Camel.", requestId: "c" },
    ],
    [
      "code and message",
      { code: "OBS.1", message: "Short." },
      { errorCode: "OBS.1", errorMsg: "Short.", requestId: null },
    ],
    [
      "a code alone",
      { error_code: "ModelArts.2799" },
      { errorCode: "ModelArts.2799", errorMsg: null, requestId: null },
    ],
    ["a message alone", { error_msg: "Why." }, { errorCode: null, errorMsg: "Why.", requestId: null }],
    [
      "empty strings together with camel case",
      { error_code: "", error_msg: "", code: "C", message: "M" },
      { errorCode: "C", errorMsg: "M", requestId: null },
    ],
    [
      "JSON of no known shape",
      { detail: "x", request_id: "d" },
      { errorCode: null, errorMsg: null, requestId: "d" },
    ],
    [
      "a web framework",
      { timestamp: 1, status: 500, error: "Internal Server Error", message: "I/O error", path: "/v2" },
      { errorCode: null, errorMsg: null, requestId: null },
    ],
    [
      "a framework, nested",
      { exception: { message: "Connection refused" } },
      { errorCode: null, errorMsg: null, requestId: null },
    ],
    [
      "a page as the message",
      { error_code: "APIG.0201", error_msg: " <html>502</html>" },
      { errorCode: "APIG.0201", errorMsg: null, requestId: null },
    ],
    [
      "another body as the message",
      { error_code: "APIG.0201", error_msg: '{"trace":"x"}' },
      { errorCode: "APIG.0201", errorMsg: null, requestId: null },
    ],
    ["a list", [1], { errorCode: null, errorMsg: null, requestId: null }],
  ])("of %s", (_shape, body, expected) => {
    expect(readErrorBody(JSON.stringify(body))).toEqual(expected);
  });

  test.each(["<html>502 Bad Gateway</html>\n", '{"error_code": "Model', "upstream connect error", "", " \n"])(
    "%j that is not JSON says nothing",
    (text) => {
      expect(readErrorBody(text)).toEqual({ errorCode: null, errorMsg: null, requestId: null });
    },
  );
});
