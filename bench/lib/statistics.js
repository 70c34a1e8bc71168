const sorted = (values) => [...values].sort((a, b) => a - b);

/** The quantile of the values. */
export function quantile(values, part) {
  const ordered = sorted(values);
  const place = (ordered.length - 1) * part;
  const low = ordered[Math.floor(place)];
  return low + (ordered[Math.ceil(place)] - low) * (place - Math.floor(place));
}

export const median = (values) => quantile(values, 0.5);

/** The distance between the quartiles, as a part of the median. */
export const spread = (values) => (quantile(values, 0.75) - quantile(values, 0.25)) / median(values);

/** Median of each number over several results of the same form. */
export const medians = (results) =>
  Object.fromEntries(
    Object.keys(results[0])
      .filter((name) => typeof results[0][name] === "number")
      .map((name) => [name, median(results.map((result) => result[name]))]),
  );
