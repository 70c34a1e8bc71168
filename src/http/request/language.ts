import { type Language } from "../../training-job-event.js";
import { parseQualityValues } from "./quality-values.js";

/**
 * The language to ask the upstream for: what `X-Language` says, where it is one that ModelArts writes, else the
 * best match of `Accept-Language`; null where the caller prefers none of them.
 */
export function languageOf(xLanguage: string | undefined, acceptLanguage: string | undefined): Language {
  const asked = xLanguage?.trim().toLowerCase();
  if (asked === "en-us" || asked === "zh-cn") return asked;
  let best: { readonly language: Language; readonly weight: number } = { language: null, weight: 0 };
  for (const { name, weight } of parseQualityValues(acceptLanguage ?? "")) {
    const language = languageOfTag(name);
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
