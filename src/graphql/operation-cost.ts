import {
  type DocumentNode,
  type FieldNode,
  getArgumentValues,
  getVariableValues,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
  type OperationDefinitionNode,
} from "graphql";
import { GatewayError } from "../errors.js";
import {
  type EventsArguments,
  type PageRequest,
  parseEventsArguments,
  parseStreamArguments,
  type StreamArguments,
} from "../paging/arguments.js";
import { logFiltersOf } from "../paging/filter.js";
import { type Values } from "./plan/coerce-variables.js";
import { collectFields, type FieldGroup, fragmentsOf, type Selecting } from "./plan/collect-fields.js";
import { tooComplex } from "./limits.js";
import { nameRepresentation, type Representations } from "./schema/resolvers/entities.js";
import { nameTrainingJob, type TrainingJobSource } from "./training-job.js";
import { type TrainingJobArgs } from "./schema/types/training-job-arguments.js";

/** What a page of one log can cost with an empty cache: a block that tells the total, and two that hold the page. */
const CALLS_PER_LOG = 3;

/** How many events one operation may ask for, the sizes of all its pages added up. */
export const MAX_ROWS = 10_000;

/** How many jobs one operation may name, rightly or wrongly: each costs time even where nothing is read of it. */
export const MAX_JOBS = 1_000;

/** A query about to run, with its variables as the client sent them. */
export type Candidate = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly defaultProjectId: string | null;
};

/** What one root field asks for: the same pages of each of the jobs that it names. */
export type Reading = {
  /** How many jobs are named, before a look at their names. */
  readonly named: number;
  /** Those of them whose names are good. */
  readonly jobs: () => readonly TrainingJobSource[];
  readonly pages: readonly PageRequest[];
};

type Names = Pick<Reading, "named" | "jobs">;

/**
 * Refuses a query that could need more than `maxUpstreamCalls` with an empty cache, names more than {@link MAX_JOBS}
 * jobs, or asks for more than {@link MAX_ROWS} events; an empty page counts as one, and so does a job without pages.
 * What will fail on its arguments costs no calls.
 * @throws GraphQLError around an OPERATION_TOO_COMPLEX
 */
export function checkCost(candidate: Candidate, maxUpstreamCalls: number): void {
  checkReadings(readingsOf(candidate), maxUpstreamCalls);
}

/**
 * The same for a query of which is known what it asks for.
 * @throws GraphQLError around an OPERATION_TOO_COMPLEX
 */
export function checkReadings(readings: readonly Reading[], maxUpstreamCalls: number): void {
  const named = readings.reduce((sum, reading) => sum + reading.named, 0);
  // First, since 256 KiB of request have room for more names than can be looked at without holding others up.
  if (named > MAX_JOBS) {
    throw tooComplex(`The operation names ${named} jobs; at most ${MAX_JOBS} are allowed.`);
  }
  const rows = readings.reduce((sum, reading) => sum + rowsOf(reading), 0);
  // Before the calls, since it bounds how many logs there are to tell apart.
  if (rows > MAX_ROWS) {
    throw tooComplex(`The operation asks for ${rows} events in all; at most ${MAX_ROWS} are allowed.`);
  }
  // To tell logs apart takes longer than to read a page of them: first as if each were another.
  if (mostLogs(readings) * CALLS_PER_LOG <= maxUpstreamCalls) return;
  const calls = countLogs(readings) * CALLS_PER_LOG;
  if (calls > maxUpstreamCalls) {
    throw tooComplex(
      `The operation could need ${calls} upstream calls, ${CALLS_PER_LOG} for each log that it names; ` +
        `at most ${maxUpstreamCalls} are allowed.`,
    );
  }
}

function mostLogs(readings: readonly Reading[]): number {
  return readings.reduce(
    (sum, { named, pages }) =>
      sum + named * pages.reduce((logs, { filter }) => logs + logFiltersOf(filter).length, 0),
    0,
  );
}

function rowsOf({ named, pages }: Reading): number {
  return (
    named *
    Math.max(
      pages.reduce((sum, { size }) => sum + Math.max(size, 1), 0),
      1,
    )
  );
}

function countLogs(readings: readonly Reading[]): number {
  const logs = new Set<string>();
  for (const { jobs, pages } of readings) {
    const filters = pages.flatMap(({ filter }) => logFiltersOf(filter).map((log) => JSON.stringify(log)));
    // IDs have no slash in them.
    for (const { id, projectId } of jobs())
      for (const filter of filters) logs.add(`${projectId}/${id}/${filter}`);
  }
  return logs.size;
}

function readingsOf({ schema, document, operation, variables, defaultProjectId }: Candidate): Reading[] {
  const root = schema.getRootType(operation.operation);
  const job = schema.getType("TrainingJob");
  // Variables of a wrong type are the execution's to report.
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, {
    maxErrors: 1,
  });
  if (!coerced || !root || !isObjectType(job)) return [];
  const selecting: Selecting = { schema, fragments: fragmentsOf(document), variables: coerced };
  return fieldsOf(selecting, root, [operation]).map((nodes) => ({
    ...namesIn(root, nodes[0], coerced, defaultProjectId),
    pages: [
      [root, nodes[0]] as const,
      ...fieldsOf(selecting, job, nodes).map(([node]) => [job, node] as const),
    ].flatMap(([type, node]) => pagesOf(type, node, coerced)),
  }));
}

/** The fields that an execution would run below `parents`; none where it would fail on a condition. */
function fieldsOf(
  selecting: Selecting,
  type: GraphQLObjectType,
  parents: readonly (OperationDefinitionNode | FieldNode)[],
): FieldGroup[] {
  return attempt(() => [...collectFields(selecting, type, parents).values()]) ?? [];
}

function namesIn(
  root: GraphQLObjectType,
  node: FieldNode,
  variables: Values,
  defaultProjectId: string | null,
): Names {
  switch (node.name.value) {
    case "trainingJob":
    case "trainingJobEvents": {
      const job = attempt(() => {
        const { id, projectId } = argumentsOf(root, node, variables) as TrainingJobArgs;
        return nameTrainingJob(id, projectId, defaultProjectId);
      });
      return { named: 1, jobs: () => (job ? [job] : []) };
    }
    case "_entities": {
      const args = attempt(() => argumentsOf(root, node, variables) as Representations);
      const representations = args?.representations ?? [];
      const jobs = (): TrainingJobSource[] =>
        representations.flatMap((representation, index) => {
          return attempt(() => nameRepresentation(representation, index, defaultProjectId)) ?? [];
        });
      return { named: representations.length, jobs };
    }
    default:
      return { named: 0, jobs: () => [] };
  }
}

/** The page that a field asks for; of a subscription the first one. */
function pagesOf(type: GraphQLObjectType, node: FieldNode, variables: Values): PageRequest[] {
  const { value: field } = node.name;
  if (field !== "events" && field !== "trainingJobEvents") return [];
  const page = attempt(() => {
    const args = argumentsOf(type, node, variables);
    return parseEventsArguments(
      field === "events" ? (args as EventsArguments) : parseStreamArguments(args as StreamArguments).page,
    );
  });
  return page ? [page] : [];
}

/** A field's arguments as its resolver would get them, so of the types that the schema gives them. */
function argumentsOf(type: GraphQLObjectType, node: FieldNode, variables: Values): unknown {
  const field = type.getFields()[node.name.value];
  if (!field) throw new Error(`${type.name} has no field ${node.name.value}.`);
  return getArgumentValues(field, node, variables);
}

/** The result, or null where the client's own mistake stands in the way. */
function attempt<Result>(calculate: () => Result): Result | null {
  try {
    return calculate();
  } catch (error) {
    if (error instanceof GatewayError || error instanceof GraphQLError) return null;
    throw error;
  }
}
