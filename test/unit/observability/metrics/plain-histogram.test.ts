import { expect, test } from "@jest/globals";
import { Histogram, Registry } from "prom-client";
import { PlainHistogram, SECONDS } from "../../../../src/observability/metrics/plain-histogram.js";

test("exports the same as prom-client's own histogram", async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  const durations = new PlainHistogram("request_seconds", "Requests.", ["route", "status"], ours);
  const labelNames = ["route", "status"] as const;
  const options = { name: "request_seconds", help: "Requests.", labelNames, buckets: SECONDS };
  const histogram = new Histogram({ ...options, registers: [theirs] });
  const requests = [
    ["/graphql", 200, 0],
    ["/graphql", 200, 0.001],
    ["/graphql", 200, 0.0011],
    ["/graphql", 499, 15],
    ["/graphql", 200, 15.5],
    ["unmatched", 404, 0.3],
    ["/graphql", 200, 0.3],
  ] as const;
  for (const [route, status, seconds] of requests) {
    durations.observe(route, status, seconds);
    histogram.observe({ route, status }, seconds);
    // Also between two looks.
    expect(await ours.metrics()).toBe(await theirs.metrics());
  }
});
