import { describe, expect, test } from "@jest/globals";
import { comesFromForeignPage, isAllowedOrigin } from "../../../src/http/origins.js";

const allowed = { listed: ["https://studio.apollographql.com"], loopback: true };
const wild = { listed: ["https://*.example.com", "capacitor://localhost"], loopback: false };
const nobody = { listed: [], loopback: false };

test.each([
  ["https://app.example.com", true],
  ["https://preview-42.example.com", true],
  ["capacitor://localhost", true],
  ["https://example.com", false],
  ["https://a.b.example.com", false],
  ["https://.example.com", false],
  ["https://evil.com/.example.com", false],
  ["https://app.example.com.evil.example", false],
  ["http://app.example.com", false],
  ["https://app.example.com:8443", false],
  ["capacitor://elsewhere", false],
])("a wildcard stands for one label: %s, %s", (origin, isAllowed) => {
  expect(isAllowedOrigin(origin, wild)).toBe(isAllowed);
});

describe("allowed origins", () => {
  test.each([
    "https://studio.apollographql.com",
    "http://localhost:3000",
    "https://localhost",
    "http://127.0.0.1:8080",
    "http://127.1.2.3",
    "http://[::1]:5173",
  ])("%s", (origin) => {
    expect(isAllowedOrigin(origin, allowed)).toBe(true);
    expect(isAllowedOrigin(origin, nobody)).toBe(false);
  });

  test.each([
    "http://studio.apollographql.com",
    "https://studio.apollographql.com.evil.example",
    "https://localhost.evil.example",
    "https://127.0.0.1.evil.example",
    "file://localhost",
    "null",
    "",
  ])("not %j", (origin) => {
    expect(isAllowedOrigin(origin, allowed)).toBe(false);
  });
});

describe("a GET from another site's page", () => {
  const host = "gateway.example";
  test.each<[boolean, string | undefined, string | undefined, string]>([
    [false, undefined, undefined, "a program"],
    [false, undefined, "none", "the address bar"],
    [false, undefined, "same-origin", "a page of the gateway"],
    [false, undefined, "same-site", "a page of the same site"],
    [false, "https://gateway.example", "same-origin", "a page of the gateway that tells its origin"],
    [false, "https://gateway.example", undefined, "the same, from a browser without fetch metadata"],
    [false, "https://studio.apollographql.com", "cross-site", "an allowed page"],
    [false, "http://localhost:3000", "cross-site", "a page of this computer"],
    [true, undefined, "cross-site", "a link or an image elsewhere"],
    [true, "https://evil.example", undefined, "a foreign page in an old browser"],
    [true, "https://evil.example", "cross-site", "a foreign page"],
    [true, "https://evil.gateway.example", "same-site", "a page of a subdomain"],
    [true, "https://gateway.example:8443", undefined, "a page of another port"],
    [true, "null", undefined, "a page in a sandbox"],
  ])("%s for origin %s, %s: %s", (foreign, origin, secFetchSite) => {
    expect(comesFromForeignPage({ host, origin, secFetchSite }, allowed)).toBe(foreign);
  });

  test.each([
    [false, "http://h", "h:80"],
    [false, "https://h", "h:443"],
    [false, "http://h", "H"],
    [true, "http://h", "h:443"],
    [true, "http://h", "h:8080"],
    [true, "http://h", undefined],
    [true, "http://h", "not a host"],
  ])("%s for origin %s and the gateway's host %s", (foreign, origin, itsHost) => {
    expect(comesFromForeignPage({ host: itsHost, origin, secFetchSite: undefined }, nobody)).toBe(foreign);
  });
});
