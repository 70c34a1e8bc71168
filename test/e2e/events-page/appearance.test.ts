import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { type EventsPage, rows, startEventsPage } from "../../support/browser/events-page.js";
import { ROOT } from "../../support/documents.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");

let site: EventsPage;
beforeAll(async () => {
  site = await startEventsPage();
});
afterAll(() => site.close());
afterEach(async () => {
  expect(await site.closePages()).toEqual([]);
});

type Violation = { readonly id: string; readonly impact: string; readonly html: readonly string[] };

const VIOLATIONS = `axe.run().then(({ violations }) =>
  violations.map(({ id, impact, nodes }) => ({ id, impact, html: nodes.map(({ html }) => html) })))`;

const cases = [1440, 390].flatMap((width) =>
  (["light", "dark"] as const).flatMap((scheme) =>
    (["en-us", "zh-cn"] as const).map((language) => [width, scheme, language] as const),
  ),
);

test.each(cases)(
  "axe finds nothing serious at %i pixels, %s, in %s",
  async (width, colorScheme, language) => {
    const job = site.createJob(80);
    // With a filter, a range and an open event, so that all parts of the page are there.
    const page = await site.open(
      `${job}?lang=${language}&levels=INFO&start=2026-01-05T00:00:00Z&at=2026-01-05T00:00:40Z`,
    );
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    await rows(page).first().waitFor();
    await page.evaluate(axe);
    const found = await page.evaluate<Violation[]>(VIOLATIONS);
    expect(found.filter(({ impact }) => ["serious", "critical"].includes(impact))).toEqual([]);
    const overflow = await page.evaluate(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    expect(overflow).toBe(0);
  },
);

test("scripts and styles are at most 250 KiB, compressed", () => {
  const folder = join(ROOT, "dist/web/events/assets");
  const files = readdirSync(folder).filter((name) => /\.(js|css)$/.test(name));
  const bytes = files.map((name) => gzipSync(readFileSync(join(folder, name))).length);
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(250 * 1024);
});
