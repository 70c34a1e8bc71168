import {
  BREAK,
  type DocumentNode,
  type FieldNode,
  getArgumentValues,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
  type OperationDefinitionNode,
  OperationTypeNode,
  visit,
} from "graphql";
import { collectFields, type FieldGroup, fragmentsOf, type Selecting } from "./collect-fields.js";
import { type Coerce, compileVariables, type Values } from "./coerce-variables.js";
import { type OperationContext, type ValidOperation } from "../context.js";
import { allOf, run, waitFor, type MaybeAsync } from "../../common/maybe-async.js";
import { type EventsArguments, parseEventsArguments } from "../../paging/arguments.js";
import { type EventConnection } from "../../paging/connection.js";
import { type JobRef } from "../../paging/job.js";
import { selectsCursors } from "./selects-cursors.js";
import { checkReadings, type Reading } from "../operation-cost.js";
import { compileSelections, type Render } from "./render.js";
import { jobRefOf, nameTrainingJob, type TrainingJobSource } from "../training-job.js";

/** What the schema makes of the arguments of `Query.trainingJob`. */
type JobArguments = { readonly id: string; readonly projectId?: string | null };

/** Writes `data` of one operation as JSON. */
export type Plan = {
  readonly operation: OperationDefinitionNode;
  readonly coerce: Coerce;
  /**
   * What the operation asks for, if it may.
   * @param variables coerced
   * @throws whatever a resolver would of its arguments, or {@link checkReadings}: graphql-js is to word it
   */
  readonly admit: (variables: Values, context: OperationContext) => Admitted;
  /**
   * At once where all that it reads is near.
   * @throws whatever a resolver would: graphql-js is to word it
   */
  readonly run: (admitted: Admitted, context: OperationContext) => string | Promise<string>;
};

/** What an operation asks for that may be asked: jobs and pages, in the order of its fields. */
type Admitted = readonly Asked[];

/** A root field, with the values of its arguments still open; keys are written as JSON, with their colon. */
type JobField = { readonly key: string; readonly node: FieldNode; readonly parts: readonly JobPart[] };

/** One field of a job: text at once, or a page. */
type JobPart =
  | { readonly key: string; readonly kind: "id" | "projectId" | "__typename" }
  | {
      readonly key: string;
      readonly kind: "events";
      readonly node: FieldNode;
      readonly withCursors: boolean;
      readonly render: Render;
    };

/** The plan of an operation; null where it is not worth one, or anything in it is not known here. */
export type PlanOf = (valid: ValidOperation) => Plan | null;

/**
 * Compiles plans, each operation once, as long as somebody keeps its document. What a plan knows no way for are
 * directives, introspection and entities.
 * @param maxUpstreamCalls more possible upstream calls than this, and a plan admits nobody
 */
export function createPlanner(schema: GraphQLSchema, maxUpstreamCalls: number): PlanOf {
  const plans = new WeakMap<OperationDefinitionNode, { readonly plan: Plan | null }>();
  return ({ document, operation }) => {
    const known = plans.get(operation);
    if (known !== undefined) return known.plan;
    const plan = compilePlan(schema, { document, operation }, maxUpstreamCalls);
    plans.set(operation, { plan });
    return plan;
  };
}

function compilePlan(
  schema: GraphQLSchema,
  { document, operation }: ValidOperation,
  maxUpstreamCalls: number,
): Plan | null {
  const query = schema.getQueryType();
  const job = schema.getType("TrainingJob");
  if (operation.operation !== OperationTypeNode.QUERY || !query || !isObjectType(job)) return null;
  if (hasDirectives(document)) return null;
  const selecting: Selecting = { schema, fragments: fragmentsOf(document), variables: {} };
  const fields = compileQuery(selecting, query, job, operation);
  const coerce = compileVariables(schema, operation.variableDefinitions ?? []);
  if (fields === null || coerce === null) return null;
  const jobField = query.getFields()["trainingJob"];
  const eventsField = job.getFields()["events"];
  if (jobField === undefined || eventsField === undefined) return null;

  const askFor = (
    { node, parts }: JobField,
    variables: Values,
    { defaultProjectId }: OperationContext,
  ): Asked => {
    const { id, projectId } = getArgumentValues(jobField, node, variables) as JobArguments;
    const pageOf = (part: JobPart): AskedPage[] => {
      if (part.kind !== "events") return [];
      const args = getArgumentValues(eventsField, part.node, variables) as EventsArguments;
      return [{ args, withCursors: part.withCursors }];
    };
    return { job: nameTrainingJob(id, projectId, defaultProjectId), pages: parts.flatMap(pageOf) };
  };
  const admit = (variables: Values, context: OperationContext): Admitted => {
    const asked = fields.map((field) => askFor(field, variables, context));
    checkReadings(asked.map(readingOf), maxUpstreamCalls);
    return asked;
  };
  const readAndWrite = function* (asked: Admitted, context: OperationContext): MaybeAsync<string> {
    const read = yield* allOf(asked.map((one) => readPages(one, context)));
    const texts = fields.map((field, at) => writeField(field, asked[at]?.job, read[at] ?? []));
    return `{${commaSeparated(texts)}}`;
  };
  return {
    operation,
    coerce,
    admit,
    run: (admitted, context) => run(readAndWrite(admitted, context)),
  };
}

/** What one root field asks for: pages of a job, in the order of its parts. */
type Asked = { readonly job: TrainingJobSource; readonly pages: readonly AskedPage[] };
type AskedPage = { readonly args: EventsArguments; readonly withCursors: boolean };

function readingOf({ job, pages }: Asked): Reading {
  return { named: 1, jobs: () => [job], pages: pages.map(({ args }) => parseEventsArguments(args)) };
}

function readPages({ job, pages }: Asked, context: OperationContext): MaybeAsync<EventConnection[]> {
  const ref = jobRefOf(job);
  return allOf(pages.map((page) => readPage(context, ref, page)));
}

// Not inside of the other: V8 keeps what each instance of a generator function refers to until a full collection.
function* readPage(
  context: OperationContext,
  job: JobRef,
  { args, withCursors }: AskedPage,
): MaybeAsync<EventConnection> {
  return yield* waitFor(context.readEvents(job, args, withCursors));
}

function writeField(
  { key, parts }: JobField,
  job: TrainingJobSource | undefined,
  pages: readonly EventConnection[],
): string {
  let page = 0;
  const texts = parts.map((part): string => {
    switch (part.kind) {
      case "events": {
        const connection = pages[page];
        page += 1;
        return part.key + (connection === undefined ? "null" : part.render(connection));
      }
      case "__typename":
        return `${part.key}"TrainingJob"`;
      default:
        return part.key + JSON.stringify(job?.[part.kind]);
    }
  });
  return `${key}{${commaSeparated(texts)}}`;
}

/** Added up, not joined: what is added up is copied once, when the answer is written. */
function commaSeparated(texts: readonly string[]): string {
  return texts.reduce((sum, text) => `${sum},${text}`);
}

function compileQuery(
  selecting: Selecting,
  query: GraphQLObjectType,
  job: GraphQLObjectType,
  operation: OperationDefinitionNode,
): JobField[] | null {
  const fields: JobField[] = [];
  for (const [key, group] of collectFields(selecting, query, [operation])) {
    const [node] = group;
    if (node.name.value !== "trainingJob") return null;
    const parts = compileJob(selecting, job, group);
    if (parts === null) return null;
    fields.push({ key: `${JSON.stringify(key)}:`, node, parts });
  }
  return fields;
}

function compileJob(selecting: Selecting, job: GraphQLObjectType, group: FieldGroup): JobPart[] | null {
  const connection = selecting.schema.getType("TrainingJobEventConnection");
  if (!isObjectType(connection)) return null;
  const parts: JobPart[] = [];
  for (const [name, fields] of collectFields(selecting, job, group)) {
    const key = `${JSON.stringify(name)}:`;
    const [node] = fields;
    const kind = node.name.value;
    if (kind === "events") {
      const withCursors = selectsCursors(selecting, fields);
      parts.push({ key, kind, node, withCursors, render: compileSelections(selecting, connection, fields) });
    } else if (kind === "id" || kind === "projectId" || kind === "__typename") {
      parts.push({ key, kind });
    } else {
      return null;
    }
  }
  return parts;
}

function hasDirectives(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Directive: () => {
      found = true;
      return BREAK;
    },
  });
  return found;
}
