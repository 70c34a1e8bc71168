import { describe, expect, test } from "@jest/globals";
import { createRedact } from "../../../src/modelarts/redact.js";

const redact = createRedact(new URL("https://gw-7:8443/base"));
const token = "MIIDkgYJKoZIhvcNAQcCoIIDgzCCA38";

describe("text for clients", () => {
  test.each([
    ["a token", `Token ${token} is bad.`, "Token [redacted] is bad."],
    ["a token that was cut short", `Token ${token.slice(0, 8)}... is bad.`, "Token [redacted] is bad."],
    ["a token with more after it", `{"t":"${token}xyz"}`, '{"t":"[redacted]"}'],
    ["the endpoint", "no route to gw-7:8443.", "no route to [redacted]."],
    ["the endpoint's name alone", "host GW-7 is down", "host [redacted] is down"],
    ["a URL", 'see <a href="https://inner/x?y">it</a>', 'see <a href="[redacted]">it</a>'],
    ["a domain name", "from elb-3.cn-north-4.example.com:80 it came", "from [redacted] it came"],
    ["an address", "connect to 10.0.3.17:8080 failed", "connect to [redacted] failed"],
    ["a name with a port", "connect redis:6379 failed", "connect [redacted] failed"],
    ["a pod with a port", "from 7f3a-db:80, twice", "from [redacted], twice"],
    ["a name of two labels", "db.internal did not answer.", "[redacted] did not answer."],
    ["the same in capitals", "DB.INTERNAL did not answer.", "[redacted] did not answer."],
    ["two labels and a port", "modelarts.internal:9000", "[redacted]"],
    ["the own computer", "at localhost:8080 or localhost", "at [redacted] or [redacted]"],
    ["an IPv6 address", "route to fe80::1%eth0 lost", "route to [redacted] lost"],
    ["a mapped one", "::ffff:10.0.0.1", "[redacted]"],
    ["a full one with a port", "to [2001:db8:0:0:0:0:0:1]:443.", "to [redacted]."],
    ["Java's name for an address", "refused: core/10.1.2.3:80", "refused: [redacted]"],
    ["a file", 'File "/usr/lib/python3.8/x.py", line 12, in f', 'File "[redacted]", [redacted], in f'],
    ["a file of Windows", "in C:\\srv\\app.exe now", "in [redacted] now"],
    ["a file of a Windows share", "in \\\\srv1\\c$ now", "in [redacted] now"],
    ["a place in Java", "failed (Job.java:7)", "failed [redacted]"],
    ["a frame of Java", "x at com.a.B$C.run(B.java:12) y", "x [redacted] y"],
    ["a trace's headline", "Traceback (most recent call last): x", "[redacted]: x"],
    ["all after the first line", "\nIt failed.\r\n  at a place", "It failed."],
    ["all after another line break", "It failed.\u2028 at a place", "It failed."],
    ["another secret", `key ${"A".repeat(40)} locked`, "key [redacted] locked"],
  ])("loses %s", (_what, text, expected) => {
    expect(redact(text, token, 500)).toBe(expected);
  });

  test.each([
    "Training job (5bd61eea-9de2-4864-a0f7-5fae966171b5) not found.",
    "ModelArts.2775",
    "Training job abc not found.",
    "Invalid parameter limit: 1.5",
    "Not found.Please try again; see 3.2 and/or e.g. line items, N/A",
    "PyTorch 1.8, python3.8 and v2.1.0 at 09:30 or 2024-05-01T09:30:00.123+08:00, 12:30:45",
    "The ratio is 3:1; the limit: 100; std::vector, a/b",
    "gw-70 is another host",
    "缺少参数",
  ])("keeps %j", (text) => {
    expect(redact(text, token, 500)).toBe(text);
  });

  test("masks a host whose name could be a request ID, also without a token", () => {
    const redactAtDb = createRedact(new URL("http://db:8080"));
    expect(redactAtDb("db", null, 500)).toBe("[redacted]");
  });

  test("is masked before it is cut, so that no part of a secret is left at its end", () => {
    expect(redact(`${"x ".repeat(10)}${token}`, token, 25)).toBe(`${"x ".repeat(10)}[red…`);
    expect(redact("y".repeat(30), null, 30)).toBe("y".repeat(30));
    expect(redact("y".repeat(31), null, 30)).toBe(`${"y".repeat(29)}…`);
  });

  test.each([
    ...["a.", "a-", "1.", "a:", "://", "a", "1", "-", "/a", "a/", "/", "\\", "::", "1:", "f::", "[::"],
    ...["line ", "at a(", "at a", "(a.b:", "A.", "%"],
  ])("a million times %j is processed quickly", (piece) => {
    expect(redact(piece.repeat(1_000_000), token, 500).length).toBeLessThanOrEqual(500);
  });
});
