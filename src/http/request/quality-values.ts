/** One of the things that a header lists, in lower case, and how much it is wanted, from 0 to 1. */
export type QualityValue = { readonly name: string; readonly weight: number };

/** What a header such as `Accept-Encoding` lists, in its order (RFC 9110, 12.4.2 and 12.5). */
export function parseQualityValues(header: string): QualityValue[] {
  return header.split(",").map((range) => {
    const [name = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    return { name, weight: weightOf(parameters) };
  });
}

/** A malformed weight makes its range count for nothing. */
function weightOf(parameters: readonly string[]): number {
  const written = parameters.find((parameter) => parameter.startsWith("q="));
  if (written === undefined) return 1;
  return /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(written) ? Number(written.slice(2)) : 0;
}
