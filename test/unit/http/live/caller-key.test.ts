import { expect, test } from "@jest/globals";
import { callerKey } from "../../../../src/http/live/caller-key.js";

const hash = (token: string): string => `hash of ${token}`;

test("a caller with a JWT has one limit, whatever it sends in other headers", () => {
  const keyOf = (token: string): string =>
    callerKey({ authorization: "Bearer jwt", "x-auth-token": token }, "192.0.2.1", hash, "authorization");
  expect(keyOf("one")).toBe(keyOf("another"));
  expect(keyOf("one")).toBe("token hash of Bearer jwt");
});

test("a caller without the header that it must send counts by its address", () => {
  const headers = { authorization: "Bearer anything" };
  expect(callerKey(headers, "192.0.2.1", hash, "x-auth-token")).toBe("address 192.0.2.1");
});

test("a caller that needs no credentials counts by those that it sends", () => {
  expect(callerKey({ authorization: "Bearer one" }, "192.0.2.1", hash, null)).toBe(
    "token hash of Bearer one",
  );
  expect(callerKey({ "x-auth-token": "" }, "192.0.2.1", hash, null)).toBe("address 192.0.2.1");
});
