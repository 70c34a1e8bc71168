import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Head } from "../../../../src/event-log/store/head.js";
import { type Segment } from "../../../../src/event-log/segment.js";
import { packHead, unpackHead } from "../../../../src/event-log/store/stored-head.js";
import { packSegment, unpackSegment } from "../../../../src/event-log/store/stored-segment.js";
import { rowOf } from "../../../../src/paging/row.js";
import { LEVELS, SOURCES, type TrainingJobEvent } from "../../../../src/training-job-event.js";

const ordinals = fc.integer({ min: 0, max: 2 ** 31 - 101 });
/** Also halves of surrogate pairs, which JSON can hold and UTF-8 cannot. */
const messages = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));
const events = fc.record({
  timeMs: fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }),
  level: fc.constantFrom(...LEVELS, null),
  source: fc.constantFrom(...SOURCES, null),
  message: fc.oneof(messages, fc.constant("half \ud800 of a pair")),
});
/** Mostly as the API's own example writes them. */
const texts = fc.oneof(fc.constantFrom("Info", "Error", "K8s", "Job", "ERROR"), fc.option(messages));
const eventsWithTexts = fc
  .tuple(events, fc.option(fc.record({ levelText: texts, sourceText: texts })))
  .map(([event, own]) => ({ ...event, ...own }));
const segments = fc
  .record({ start: ordinals, rows: fc.array(eventsWithTexts, { maxLength: 100 }), readAtMs: fc.nat() })
  .map(({ start, rows, readAtMs }): Segment => {
    return { start, rows: rows.map(rowOf), total: start + rows.length, readAtMs };
  });

const SEGMENT: Segment = {
  start: 3,
  rows: ["one", "", "事件 three"].map((message, index) =>
    rowOf({ timeMs: 1_700_000_000_000 + index, level: "INFO", source: null, message }),
  ),
  total: 6,
  readAtMs: 1_700_000_000_123,
};
type Texts = { readonly levelText: string | null; readonly sourceText: string | null };

const ODD_TEXTS: readonly Texts[] = [
  { levelText: "info", sourceText: "Volcano" },
  { levelText: "Info", sourceText: "K8s" },
  { levelText: null, sourceText: "" },
  { levelText: "INFO", sourceText: "K8S" },
];

function eventsOf(written: readonly Texts[]): TrainingJobEvent[] {
  return written.map((own, index) => ({
    timeMs: index,
    level: "INFO",
    source: "K8S",
    message: `message ${index}`,
    ...own,
  }));
}

function textsOf({ levelText, sourceText }: Texts): Texts {
  return { levelText, sourceText };
}

/** Where the first row's columns stand in SEGMENT's stored form. */
const ROW_AT = 18;

describe("a stored segment", () => {
  test("is unpacked unchanged, and gives the same rendered rows", () => {
    fc.assert(
      fc.property(segments, (segment) => {
        const read = unpackSegment(packSegment(segment));
        expect(read).toEqual(segment);
        expect(read?.rows.map(({ node }) => node)).toEqual(segment.rows.map(({ node }) => node));
        expect(read?.rows.map(({ node }) => textsOf(node))).toEqual(segment.rows.map(textsOf));
      }),
    );
  });

  test("has the texts of levels and sources as they were written", () => {
    const written = eventsOf(ODD_TEXTS);
    const read = unpackSegment(packSegment({ ...SEGMENT, rows: written.map(rowOf), total: 10 }));
    expect(read?.rows.map(textsOf)).toEqual(ODD_TEXTS);
  });

  test("takes no byte more for the texts that the API's own example has", () => {
    const sizeOf = (texts: readonly Texts[]): number =>
      packSegment({ ...SEGMENT, rows: eventsOf(texts).map(rowOf) }).length;
    const usual = [{ levelText: "Info", sourceText: "K8s" }];
    expect(sizeOf(usual)).toBe(sizeOf([{ levelText: "INFO", sourceText: "K8S" }]));
    expect(sizeOf(usual)).toBeLessThan(sizeOf([{ levelText: "info", sourceText: "K8s" }]));
  });

  test("is rejected if texts of rows are missing or invalid", () => {
    const bytes = packSegment({ ...SEGMENT, rows: eventsOf(ODD_TEXTS).map(rowOf), total: 10 });
    for (let length = 0; length < bytes.length; length += 1) {
      expect(unpackSegment(bytes.subarray(0, length))).toBeNull();
    }
    const spoiled = Buffer.from(bytes);
    spoiled[bytes.length - 2] = 0x7d;
    expect(unpackSegment(spoiled)).toBeNull();
  });

  test("holds no more memory than its bytes", () => {
    const bytes = packSegment(SEGMENT);
    expect(bytes.buffer.byteLength).toBe(bytes.length);
  });

  test("is rejected if it is cut off anywhere, or if anything follows", () => {
    const bytes = packSegment(SEGMENT);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(unpackSegment(bytes.subarray(0, length))).toBeNull();
    }
    expect(unpackSegment(Buffer.concat([bytes, Buffer.from(" ")]))).toBeNull();
  });

  test.each<[string, (bytes: Buffer) => unknown]>([
    ["more rows than a block has", (bytes) => bytes.writeUInt8(101, 16)],
    ["more rows than its total counts", (bytes) => bytes.writeUInt32LE(5, 4)],
    ["no moment of reading", (bytes) => bytes.writeDoubleLE(Number.NaN, 8)],
    ["a coding that is not known", (bytes) => bytes.writeUInt8(2, 17)],
    ["another coding than its text", (bytes) => bytes.writeUInt8(1, 17)],
    ["an invalid time", (bytes) => bytes.writeDoubleLE(0.5, ROW_AT)],
    ["texts of a row that are not there", (bytes) => bytes.writeUInt8(0x40, ROW_AT + 8)],
    ["a message that ends behind the text", (bytes) => bytes.writeUInt32LE(1000, ROW_AT + 13)],
    ["a message that ends before it begins", (bytes) => bytes.writeUInt32LE(2, ROW_AT + 17 + 13)],
  ])("is rejected with %s", (_what, spoil) => {
    const bytes = packSegment(SEGMENT);
    spoil(bytes);
    expect(unpackSegment(bytes)).toBeNull();
  });
});

describe("a stored head", () => {
  const head: Head = {
    tail: SEGMENT,
    floorMs: 1_700_000_000_001,
    changedMs: 1_700_000_000_005,
    growth: 7,
    knownTotal: 2 ** 31 - 1,
    seenAtMs: 1_700_000_000_002,
    oldestRows: {
      count: 100,
      checksum: 2 ** 32 - 1,
      readAtMs: 1_700_000_000_004,
      sinceMs: 1_700_000_000_003,
    },
  };

  test.each([head, { ...head, oldestRows: null }])("is unpacked unchanged", (stored) => {
    expect(unpackHead(packHead(stored, packSegment(SEGMENT)))).toEqual(stored);
  });

  test("is rejected if it is cut off anywhere, or if its floor is not a time", () => {
    const bytes = packHead(head, packSegment(SEGMENT));
    for (let length = 0; length < bytes.length; length += 1) {
      expect(unpackHead(bytes.subarray(0, length))).toBeNull();
    }
    bytes.writeDoubleLE(-1, 0);
    expect(unpackHead(bytes)).toBeNull();
  });
});
