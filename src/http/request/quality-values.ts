/** One entry of a header's list, in lower case, and its weight from 0 to 1. */
export type QualityValue = { readonly name: string; readonly weight: number };

/** The entries of a header such as `Accept-Encoding`, in their order (RFC 9110, 12.4.2 and 12.5). */
export function parseQualityValues(header: string): QualityValue[] {
  return header.split(",").map((range) => {
    const [name = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    return { name, weight: weightOf(parameters) };
  });
}

/** A malformed weight counts as 0. */
function weightOf(parameters: readonly string[]): number {
  const written = parameters.find((parameter) => parameter.startsWith("q="));
  if (written === undefined) return 1;
  return /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(written) ? Number(written.slice(2)) : 0;
}
