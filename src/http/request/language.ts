import { type Language } from "../../training-job-event.js";
import { parseQualityValues } from "./quality-values.js";

/**
 * The language for upstream calls: that of `X-Language` if ModelArts supports it, otherwise the best match of
 * `Accept-Language`; null if the caller prefers no supported language.
 */
export function languageOf(xLanguage: string | undefined, acceptLanguage: string | undefined): Language {
  const asked = xLanguage?.trim().toLowerCase();
  if (asked === "en-us" || asked === "zh-cn") return asked;
  if (acceptLanguage === undefined) return null;
  let best: { readonly language: Language; readonly weight: number } = { language: null, weight: 0 };
  for (const { name, weight } of parseQualityValues(acceptLanguage)) {
    const language = languageOfTag(name);
    // With equal weights the first one counts, because browsers list the preferred language first.
    if (language !== undefined && weight > best.weight) best = { language, weight };
  }
  return best.language;
}

/** Undefined for a language that ModelArts does not support. */
function languageOfTag(tag: string): Language | undefined {
  if (tag === "*") return null;
  const [primary] = tag.split("-");
  if (primary === "en") return "en-us";
  return primary === "zh" ? "zh-cn" : undefined;
}
