import fc from "fast-check";

/** A request's body, as a client would send it. */
export type OperationBody = {
  readonly query: string;
  readonly variables?: object;
  readonly operationName?: string;
};

const pick = (fields: readonly string[]): fc.Arbitrary<string> =>
  fc
    .subarray([...fields], { minLength: 1 })
    .chain((chosen) => fc.shuffledSubarray(chosen, { minLength: chosen.length }))
    .map((chosen) => chosen.join(" "));

const aliased = (name: string): fc.Arbitrary<string> =>
  fc.constantFrom(name, `${name[0] ?? ""}1: ${name}`, `same: ${name}`);

const node = fc.oneof(
  { weight: 4, arbitrary: pick(["id", "time", "level", "source", "message"]) },
  {
    weight: 1,
    arbitrary: pick(["t: time", "level", "lv: level", "levelText sourceText", "message", "__typename"]),
  },
  { weight: 1, arbitrary: fc.constant("...Row") },
);

const connection = fc
  .tuple(
    fc.option(fc.constant("totalCount")),
    fc.option(
      pick(["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"]).map(
        (fields) => `pageInfo { ${fields} }`,
      ),
    ),
    fc.option(
      fc
        .tuple(fc.constantFrom("cursor", "c: cursor", ""), node)
        .map(([cursor, fields]) => `edges { ${cursor} node { ${fields} } }`),
    ),
    fc.option(node.map((fields) => `nodes { ${fields} }`)),
    fc.option(
      pick([
        "countByLevel { level count }",
        "countBySource { n: count source __typename }",
        "histogram { start end count }",
        "h: histogram(buckets: 5) { count }",
        'day: histogram(start: "2026-01-05T00:00:00Z", end: "2026-01-06T00:00:00Z", buckets: 4) { start count }',
      ]),
    ),
    fc.option(
      fc.constantFrom(
        "asOf isStale",
        "__typename",
        "... on TrainingJobEventConnection { totalCount }",
        "edges { cursor }",
      ),
    ),
  )
  .map((parts) => parts.filter((part) => part !== null).join(" ") || "totalCount");

const ids = [
  "events-1000",
  "events-101",
  "events-1",
  "empty",
  "one-second",
  "odd-values",
  "incident",
  "no-such-job",
  "bad/id",
];

const args = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      "first: 3",
      "last: 2",
      "first: 10, order: OLDEST_FIRST",
      "page: { first: 4 }",
      "page: { last: 3 }, order: OLDEST_FIRST",
      "first: 0",
      "first: $n",
      "first: $n, filter: $filter",
      "page: $page",
      "first: 5, after: $cursor",
      'first: 6, aroundTime: "2026-01-05T01:05:00Z"',
      'page: { first: 3, aroundTime: "2026-01-05T06:25:00Z" }, order: OLDEST_FIRST',
      "aroundEvent: $cursor",
      "",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "first: 101",
      "first: 1, last: 1",
      "page: { first: 1 }, first: 2",
      'after: "nonsense"',
      'last: 2, aroundTime: "2026-01-05T01:05:00Z"',
      "first: 3, filter: { levels: [ERROR, WARNING], sources: [TASK] }",
      'filter: { messageContains: "worker" }, first: 2',
      "filter: { levels: [] }",
    ),
  },
);

const jobField = fc
  .tuple(
    aliased("trainingJob"),
    fc.oneof(
      fc.constantFrom(...ids).map((id) => JSON.stringify(id)),
      fc.constant("$id"),
    ),
    fc.option(fc.constantFrom("id", "projectId", "__typename", "id other: projectId")),
    fc.array(fc.tuple(aliased("events"), args, connection), { maxLength: 2 }),
  )
  .map(([name, id, own, pages]) => {
    const events = pages.map(
      ([alias, given, fields]) => `${alias}${given === "" ? "" : `(${given})`} { ${fields} }`,
    );
    const fields = [own ?? "", ...events].filter((part) => part !== "");
    return `${name}(id: ${id}) { ${fields.length === 0 ? "id" : fields.join(" ")} }`;
  });

const DECLARED: Readonly<Record<string, string>> = {
  $id: "$id: ID!",
  $n: "$n: Int = 7",
  $filter: "$filter: TrainingJobEventFilter",
  $page: "$page: TrainingJobEventPageInput",
  $cursor: "$cursor: String",
};

const directive = fc.oneof(
  { weight: 9, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: fc.constant('again: trainingJob(id: "empty") @skip(if: false) { id }') },
);

const variables = fc.record(
  {
    id: fc.constantFrom<unknown>(...ids, 7, null),
    n: fc.constantFrom<unknown>(1, 5, 100, 101, null, "x"),
    filter: fc.constantFrom<unknown>(
      null,
      {},
      { levels: ["ERROR"] },
      { levels: ["ERROR", "INFO"], sources: ["JOB"] },
      { levels: ["NOPE"] },
    ),
    page: fc.constantFrom<unknown>(null, {}, { first: 2 }, { last: 2 }, { first: 2, last: 2 }),
    cursor: fc.constantFrom<unknown>(null, "nonsense"),
    undeclared: fc.integer(),
  },
  { requiredKeys: [] },
);

/** Random operations on the simulator's jobs: right and wrong ones, with aliases, fragments and variables. */
export const operations: fc.Arbitrary<OperationBody> = fc
  .tuple(
    fc.array(jobField, { minLength: 1, maxLength: 2 }),
    directive,
    fc.constantFrom("Some", ""),
    variables,
  )
  .map(([fields, extra, name, given]) => {
    const body = [...fields, extra].join(" ");
    const declared = Object.entries(DECLARED).flatMap(([variable, text]) =>
      body.includes(variable) ? [text] : [],
    );
    const head =
      name === "" && declared.length === 0
        ? ""
        : `query ${name}${declared.length > 0 ? `(${declared.join(", ")})` : ""} `;
    const fragment = body.includes("...Row")
      ? " fragment Row on TrainingJobEvent { time ... on TrainingJobEvent { message } level }"
      : "";
    return {
      query: `${head}{ ${body} }${fragment}`,
      ...(declared.length > 0 || Object.keys(given).length > 0 ? { variables: given } : {}),
    };
  });
