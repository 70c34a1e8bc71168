import { expect, test } from "@jest/globals";
import { requestIdOf } from "../../../../src/http/request/request-id.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test.each(["a", "Az.0_9-", "x".repeat(128)])("keeps %s", (id) => {
  expect(requestIdOf(id)).toBe(id);
});

test.each([undefined, "", "x".repeat(129), "a b", "a, b", "a\nb", 'a"', "ä", ["a", "b"]])(
  "replaces %j",
  (id) => {
    expect(requestIdOf(id)).toMatch(UUID);
  },
);

test("never makes the same twice", () => {
  expect(requestIdOf(undefined)).not.toBe(requestIdOf(undefined));
});
