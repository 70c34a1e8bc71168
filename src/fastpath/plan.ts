import {
  BREAK,
  type DocumentNode,
  type FieldNode,
  getArgumentValues,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  visit,
} from "graphql";
import { collectFields, type FieldGroup, fragmentsOf, type Selecting } from "../graphql/collect-fields.js";
import { type OperationContext } from "../graphql/context.js";
import { jobRefOf, nameTrainingJob } from "../graphql/training-job.js";
import { type EventsArguments } from "../paging/arguments.js";
import { compileSelections, type Render } from "./render.js";

type Values = Readonly<Record<string, unknown>>;

/** What the schema makes of the arguments of `Query.trainingJob`. */
type JobArguments = { readonly id: string; readonly projectId?: string | null };

/** Writes `data` of one operation as JSON. */
export type Plan = {
  readonly operation: OperationDefinitionNode;
  readonly document: DocumentNode;
  /** @throws whatever a resolver would: such operations are Apollo Server's to answer */
  readonly run: (variables: Values, context: OperationContext) => Promise<string>;
};

/** A root field, with the values of its arguments still open. */
type JobField = { readonly key: string; readonly node: FieldNode; readonly parts: readonly JobPart[] };

/** One field of a job: text at once, or a page. */
type JobPart =
  | { readonly key: string; readonly kind: "id" | "projectId" | "__typename" }
  | { readonly key: string; readonly kind: "events"; readonly node: FieldNode; readonly render: Render };

/**
 * Compiles an operation of a validated document into a plan; null where it is not worth one, or anything in it is not
 * known here: directives, introspection, entities.
 */
export function compilePlan(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null,
): Plan | null {
  const operation = operationOf(document, operationName);
  const query = schema.getQueryType();
  const job = schema.getType("TrainingJob");
  if (operation?.operation !== OperationTypeNode.QUERY || !query || !isObjectType(job)) return null;
  if (hasDirectives(document)) return null;
  const selecting: Selecting = { schema, fragments: fragmentsOf(document), variables: {} };
  const fields = compileQuery(selecting, query, job, operation.selectionSet);
  if (fields === null) return null;
  const jobField = query.getFields()["trainingJob"];
  const eventsField = job.getFields()["events"];
  if (jobField === undefined || eventsField === undefined) return null;

  const runField = async ({ key, node, parts }: JobField, variables: Values, context: OperationContext) => {
    const { id, projectId } = getArgumentValues(jobField, node, variables) as JobArguments;
    const source = nameTrainingJob(id, projectId, context.defaultProjectId);
    const texts = parts.map(async (part): Promise<string> => {
      switch (part.kind) {
        case "events": {
          const pageArgs = getArgumentValues(eventsField, part.node, variables) as EventsArguments;
          return part.render(await context.readEvents(jobRefOf(source), pageArgs));
        }
        case "__typename":
          return `"TrainingJob"`;
        default:
          return JSON.stringify(source[part.kind]);
      }
    });
    const values = await Promise.all(texts);
    return `${JSON.stringify(key)}:{${parts.map((part, at) => `${JSON.stringify(part.key)}:${values[at] ?? "null"}`).join(",")}}`;
  };
  return {
    operation,
    document,
    run: async (variables, context) => {
      const texts = await Promise.all(fields.map((field) => runField(field, variables, context)));
      return `{${texts.join(",")}}`;
    },
  };
}

function operationOf(document: DocumentNode, name: string | null): OperationDefinitionNode | undefined {
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  if (name === null) return operations.length === 1 ? operations[0] : undefined;
  return operations.find((operation) => operation.name?.value === name);
}

function compileQuery(
  selecting: Selecting,
  query: GraphQLObjectType,
  job: GraphQLObjectType,
  selections: SelectionSetNode,
): JobField[] | null {
  const fields: JobField[] = [];
  for (const [key, group] of collectFields(selecting, query, [selections])) {
    const [node] = group;
    if (node.name.value !== "trainingJob") return null;
    const parts = compileJob(selecting, job, group);
    if (parts === null) return null;
    fields.push({ key, node, parts });
  }
  return fields;
}

function compileJob(selecting: Selecting, job: GraphQLObjectType, group: FieldGroup): JobPart[] | null {
  const connection = selecting.schema.getType("TrainingJobEventConnection");
  if (!isObjectType(connection)) return null;
  const parts: JobPart[] = [];
  const sets = group.map(({ selectionSet }) => selectionSet);
  for (const [key, fields] of collectFields(selecting, job, sets)) {
    const [node] = fields;
    const kind = node.name.value;
    if (kind === "events") {
      parts.push({ key, kind, node, render: compileSelections(selecting, connection, fields) });
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
