import { describe, expect, test } from "@jest/globals";
import { languageOf } from "../../../../src/http/request/language.js";

describe("X-Language", () => {
  test.each([
    ["en-us", "en-us"],
    ["ZH-CN", "zh-cn"],
    [" zh-cn ", "zh-cn"],
  ])("%j wins over Accept-Language", (asked, language) => {
    expect(languageOf(asked, "fr, en, zh;q=0.1")).toBe(language);
  });

  test("another language than the upstream's leaves it to Accept-Language", () => {
    expect(languageOf("de-de", "zh")).toBe("zh-cn");
    expect(languageOf("", undefined)).toBeNull();
  });
});

describe("Accept-Language", () => {
  test.each([
    ["en", "en-us"],
    ["en-GB,en;q=0.9", "en-us"],
    ["zh-Hans-CN", "zh-cn"],
    ["ZH-tw", "zh-cn"],
    ["de-DE,de;q=0.9,zh;q=0.3,en;q=0.2", "zh-cn"],
    ["en;q=0.2, zh ; q=0.8", "zh-cn"],
    ["zh;q=0.500,en;q=0.5", "zh-cn"],
    ["en;q=0, zh;q=0", null],
    ["en;q=2", null],
    ["en;q=x, zh;q=0.1", "zh-cn"],
    ["*", null],
    ["*, en;q=0.5", null],
    ["fr, *;q=0.5, en;q=0.7", "en-us"],
    ["fr", null],
    ["english", null],
    ["", null],
    [undefined, null],
  ])("%j", (header, language) => {
    expect(languageOf(undefined, header)).toBe(language);
  });
});
