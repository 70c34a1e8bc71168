import { expect, test } from "@jest/globals";
import { createLineOutput } from "../../../src/observability/stdout.js";
import { eventually } from "../../support/eventually.js";

/** An output that keeps written text until a test reads it. */
class Pipe {
  readonly texts: string[] = [];
  writableLength = 0;

  write(text: string): void {
    this.texts.push(text);
    this.writableLength += text.length;
  }

  read(): string {
    this.writableLength = 0;
    return this.texts.splice(0).join("");
  }
}

const line = (number: number): string => `line ${number}\n`;

test("lines of one turn of the event loop are one write", async () => {
  const pipe = new Pipe();
  const output = createLineOutput(pipe);
  output.write(line(1));
  output.write(line(2));
  expect(pipe.texts).toEqual([]);
  await eventually(() => pipe.texts.length > 0);
  expect(pipe.texts).toEqual([line(1) + line(2)]);
});

test("a pipe without a reader keeps the limit, and later reports the number of dropped lines", async () => {
  const pipe = new Pipe();
  const output = createLineOutput(pipe, 100);
  for (let number = 0; number < 1_000; number += 1) output.write(line(number));
  await eventually(() => pipe.texts.length > 0);
  expect(pipe.writableLength).toBeLessThanOrEqual(100);
  for (let number = 0; number < 1_000; number += 1) output.write(line(number));
  expect(pipe.writableLength).toBeLessThanOrEqual(100);
  const kept = pipe.read().split("\n").length - 1;
  output.write(line(1));
  await eventually(() => pipe.texts.length > 0);
  const [warning = "", last] = pipe.read().trimEnd().split("\n");
  expect(JSON.parse(warning)).toMatchObject({ level: "warn", dropped: 2_000 - kept });
  expect(last).toBe("line 1");
});

test("draining ends with the last line or with its time limit", async () => {
  const pipe = new Pipe();
  const output = createLineOutput(pipe);
  output.write(line(1));
  await output.drain(1);
  expect(pipe.texts).toEqual([line(1)]);
  pipe.read();
  await output.drain(60_000);
});
