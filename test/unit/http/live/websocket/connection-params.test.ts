import { expect, test } from "@jest/globals";
import {
  BadConnectionParams,
  headersWith,
} from "../../../../../src/http/live/websocket/connection-params.js";

const HEADERS = { host: "x", "x-auth-token": "of the request" };

test.each([
  [{ "X-Auth-Token": "mine" }, { "x-auth-token": "mine" }],
  [{ headers: { "X-Auth-Token": "mine" } }, { "x-auth-token": "mine" }],
  [
    { headers: { Authorization: "Bearer a" }, "x-language": "zh-cn" },
    { authorization: "Bearer a", "x-language": "zh-cn" },
  ],
  [{ "X-Auth-Token": "flat", headers: { "x-auth-token": "nested" } }, { "x-auth-token": "nested" }],
  [{ "cache-control": "no-cache" }, { "cache-control": "no-cache" }],
  [{ "X-Auth-Token": null, theme: "dark", headers: null }, {}],
  [{ headers: ["x"], environment: { headers: {} } }, {}],
])("the parameters %j are used as headers", (params, expected) => {
  expect(headersWith(HEADERS, params)).toEqual({ ...HEADERS, ...expected });
});

test.each([
  ["token", { token: "mine" }],
  ["authToken", { authToken: "mine" }],
  ["apiKey", { headers: { apiKey: "mine" } }],
  ["Bearer", { Bearer: "mine" }],
  ["credentials", { headers: { credentials: "mine" } }],
  ["key", { key: "mine" }],
  ["access_key", { access_key: "mine" }],
  ["x-auth-token-", { "x-auth-token-": "mine" }],
])("an unknown key that looks like a credential is named: %s", (name, params) => {
  const attempt = () => headersWith(HEADERS, params);
  expect(attempt).toThrow(BadConnectionParams);
  expect(attempt).toThrow(`unknown key ${name};`);
  expect(attempt).not.toThrow("mine");
});

test("the message fits into a close frame, for any name", () => {
  try {
    headersWith({}, { [`token${"é".repeat(1_000)}`]: "mine" });
    throw new Error("It was taken.");
  } catch (error) {
    expect(error).toBeInstanceOf(BadConnectionParams);
    expect(Buffer.byteLength((error as Error).message)).toBeLessThanOrEqual(123);
  }
});
