import { type Language } from "../training-job-event.js";

/**
 * The language to ask the upstream for: what `X-Language` says, where it is one that ModelArts writes, else the
 * best match of `Accept-Language`; null leaves the choice to the upstream.
 */
export function languageOf(xLanguage: string | undefined, acceptLanguage: string | undefined): Language {
  const asked = xLanguage?.trim().toLowerCase();
  if (asked === "en-us" || asked === "zh-cn") return asked;
  let best: { readonly language: Language; readonly weight: number } = { language: null, weight: 0 };
  for (const range of (acceptLanguage ?? "").split(",")) {
    const [tag = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const language = languageOfTag(tag);
    const weight = weightOf(parameters);
    // Of equals the first counts: browsers list what they prefer first.
    if (language !== undefined && weight > best.weight) best = { language, weight };
  }
  return best.language;
}

/** Undefined for a language that ModelArts does not write. */
function languageOfTag(tag: string): Language | undefined {
  if (tag === "*") return null;
  const [primary] = tag.split("-");
  if (primary === "en") return "en-us";
  return primary === "zh" ? "zh-cn" : undefined;
}

/** `q` of RFC 9110, 12.4.2; a malformed one makes its range count for nothing. */
function weightOf(parameters: readonly string[]): number {
  const written = parameters.find((parameter) => parameter.startsWith("q="));
  if (written === undefined) return 1;
  return /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(written) ? Number(written.slice(2)) : 0;
}
