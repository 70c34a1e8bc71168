import { expect, test } from "@jest/globals";
import { GatewayError } from "../../../src/errors.js";
import { memoizeReads } from "../../../src/graphql/memoized-reads.js";
import { type OperationContext } from "../../../src/graphql/context.js";
import { ONE_EVENT, startGraph } from "../../support/graph.js";

test("counts that an operation waits for are read once, even if its plan fails", async () => {
  let reads = 0;
  const slow = <T>(rows: T): Promise<T> => {
    reads += 1;
    return new Promise((resolve) => setImmediate(resolve, rows));
  };
  const graph = await startGraph({
    // The second job fails the plan while the counts of the first one are read.
    readEvents: ({ jobId }) =>
      jobId === "job"
        ? Promise.resolve(ONE_EVENT)
        : Promise.reject(new GatewayError("TRAINING_JOB_NOT_FOUND", "There is no such job.")),
    counts: { byLevel: () => slow([]), bySource: () => slow([]), byTime: () => slow([]) },
  });
  const fields = "countByLevel { count } countBySource { count } histogram { count }";
  const { data, errors } = await graph.post({
    query: `{ trainingJob(id: "job") { events { ${fields} } } other: trainingJob(id: "none") { events { totalCount } } }`,
  });
  expect(errors).toHaveLength(1);
  expect(data).toMatchObject({ trainingJob: { events: { histogram: [] } } });
  expect(reads).toBe(3);
  await graph.apollo.stop();
});

test("counts of different pages and ranges are read separately; cached counts are read again", async () => {
  const asked: unknown[] = [];
  const counts: OperationContext["counts"] = {
    byLevel: (list) => {
      asked.push(list.filter.messageContains);
      return asked.length < 3 ? Promise.resolve([]) : [];
    },
    bySource: () => [],
    byTime: (_origin, request) => {
      asked.push(request.buckets);
      return Promise.resolve([]);
    },
  };
  const graph = await startGraph({ counts });
  const reads = memoizeReads(graph.context).counts;
  const { list } = ONE_EVENT;
  const other = { ...list, filter: { ...list.filter, messageContains: "x" } };
  for (const one of [list, list, other]) await reads.byLevel(one);
  for (const buckets of [30, 30, 7]) await reads.byTime(list, { buckets, startMs: null, endMs: null });
  expect(asked).toEqual([null, "x", 30, 7]);
  await graph.apollo.stop();
});
