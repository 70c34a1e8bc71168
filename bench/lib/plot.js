/** The plot of docs/performance.md: times cheaper than AS-naive, by contender, for a hot page of 50. */

const WIDTH = 760;
const LABEL = 190;
const BAR = 13;
const GROUP = 38;
const TOP = 58;
const COLOURS = { "hot 50, varied": "#4477aa", "hot 50, identical": "#ee9933" };

const text = (x, y, content, more = "") => `<text x="${x}" y="${y}" ${more}>${content}</text>`;

/** @returns the SVG */
export function plot({ scenarios }) {
  const titles = Object.keys(COLOURS);
  const times = (title, name) => {
    const measured = scenarios[title][name];
    return measured ? scenarios[title]["AS-naive"].cpuUs / measured.cpuUs : null;
  };
  const names = Object.keys(scenarios[titles[0]]).sort((a, b) => times(titles[0], a) - times(titles[0], b));
  const all = names.flatMap((name) => titles.map((title) => times(title, name) ?? 0));
  const scale = (WIDTH - LABEL - 60) / Math.max(...all);
  const height = TOP + names.length * GROUP + 10;
  const legend = titles.map((title, index) => {
    const x = LABEL + index * 200;
    return `<rect x="${x}" y="32" width="12" height="12" fill="${COLOURS[title]}"/>${text(x + 18, 42, title)}`;
  });
  const bars = names.flatMap((name, place) => {
    const y = TOP + place * GROUP;
    const weight = name.startsWith("product") ? 'font-weight="bold"' : "";
    const label = text(LABEL - 10, y + BAR + 4, name, `text-anchor="end" ${weight}`);
    const drawn = titles.map((title, index) => {
      const value = times(title, name);
      if (value === null) return "";
      const width = (value * scale).toFixed(1);
      const top = y + index * (BAR + 1);
      const rect = `<rect x="${LABEL}" y="${top}" width="${width}" height="${BAR}" fill="${COLOURS[title]}"/>`;
      return rect + text(LABEL + Number(width) + 6, top + BAR - 2, value.toFixed(1), 'font-size="11"');
    });
    return [label, ...drawn];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
    text(10, 20, "CPU per request: times cheaper than AS-naive (longer is better)", 'font-size="15"'),
    ...legend,
    ...bars,
    "</svg>",
    "",
  ].join("\n");
}
