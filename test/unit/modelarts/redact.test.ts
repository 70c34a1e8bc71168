import { describe, expect, test } from "@jest/globals";
import { createRedact } from "../../../src/modelarts/redact.js";

const redact = createRedact(new URL("https://gw-7:8443/base"));
const token = "MIIDkgYJKoZIhvcNAQcCoIIDgzCCA38";

describe("text for clients", () => {
  test.each([
    ["a token", `Token ${token} is bad.`, "Token [redacted] is bad."],
    ["a token that was cut short", `Token ${token.slice(0, 20)}... is bad.`, "Token [redacted] is bad."],
    ["a token with more after it", `{"t":"${token}xyz"}`, '{"t":"[redacted]"}'],
    ["the endpoint", "no route to gw-7:8443.", "no route to [redacted]."],
    ["the endpoint's name alone", "host GW-7 is down", "host [redacted] is down"],
    ["a URL", 'see <a href="https://inner/x?y">it</a>', 'see <a href="[redacted]">it</a>'],
    ["a domain name", "from elb-3.cn-north-4.example.com:80 it came", "from [redacted] it came"],
    ["an address", "connect to 10.0.3.17:8080 failed", "connect to [redacted] failed"],
    ["another secret", `key ${"A".repeat(40)} locked`, "key [redacted] locked"],
  ])("loses %s", (_what, text, expected) => {
    expect(redact(text, token, 500)).toBe(expected);
  });

  test.each([
    "Training job (5bd61eea-9de2-4864-a0f7-5fae966171b5) not found.",
    "ModelArts.2775",
    "Invalid parameter limit: 1.5",
    "gw-70 is another host",
    "缺少参数",
  ])("keeps %j", (text) => {
    expect(redact(text, token, 500)).toBe(text);
  });

  test("is cut to its length after the masking, so that no piece of a secret is left at its end", () => {
    expect(redact(`${"x ".repeat(10)}${token}`, token, 25)).toBe(`${"x ".repeat(10)}[red…`);
    expect(redact("y".repeat(30), null, 30)).toBe("y".repeat(30));
    expect(redact("y".repeat(31), null, 30)).toBe(`${"y".repeat(29)}…`);
  });

  test.each(["a.", "a-", "1.", "a:", "://", "a"])("%j a million times over does not hold it up", (piece) => {
    expect(redact(piece.repeat(1_000_000), token, 500).length).toBeLessThanOrEqual(500);
  });
});
