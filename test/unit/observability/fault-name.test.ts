import { expect, test } from "@jest/globals";
import { faultName } from "../../../src/observability/fault-name.js";

test.each([
  [
    "an error's code",
    Object.assign(new Error("at https://secret"), { code: "ECONNREFUSED" }),
    "ECONNREFUSED",
  ],
  ["that of its cause", new Error("", { cause: Object.assign(new Error(), { code: "E" }) }), "E"],
  ["the name without a code", new TypeError("secret"), "TypeError"],
  // As a DOMException has it, which is no Error of jest's.
  [
    "the name of a time limit, whose code is a number",
    Object.assign(new Error(), { name: "TimeoutError", code: 23 }),
    "TimeoutError",
  ],
  ["no text of a value that is not an Error", "secret", "unknown"],
])("%s", (_name, error, expected) => {
  expect(faultName(error)).toBe(expected);
});
