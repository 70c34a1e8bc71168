import {
  execute,
  getNamedType,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from "graphql";
import { LRUCache } from "lru-cache";
import { extensionOf } from "../cache-extension.js";
import { type CacheReport, type OperationContext, type ValidOperation } from "../context.js";
import { type Values } from "../plan/coerce-variables.js";
import { collectFields, type FieldGroup, type Selecting } from "../plan/collect-fields.js";
import { compileValue } from "../plan/compile-operation.js";
import { Unplannable } from "../plan/unplannable.js";
import { type EventBatch } from "./event-batch.js";
import { LiveResult } from "./live-call.js";
import { type Render } from "../plan/template.js";
import { type OwnWriter, type SharedWriter } from "./stream-parts.js";

/** The maximum number of writers that are kept. */
const KEPT_MAX = 500;

/** The root field of a subscription: its key in the answer, and its nodes. */
export type RootField = { readonly key: string; readonly group: FieldGroup };

/** The writers of batches. Subscriptions that select the same fields share a writer, and get the same bytes. */
export class BatchWriters {
  readonly #shared = new LRUCache<string, SharedWriter>({ max: KEPT_MAX });

  /** @param format formats an error for clients */
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly format: (error: GraphQLError, context: OperationContext) => GraphQLFormattedError,
  ) {}

  /**
   * The shared writer of a selection that needs only the batch; null for other selections.
   * @param isShown whether its results contain the sources of the data
   */
  sharedFor(selecting: Selecting, { key, group }: RootField, isShown: boolean): SharedWriter | null {
    const type = this.schema.getType("TrainingJobEventBatch");
    if (!isObjectType(type)) throw new Error("The schema has no TrainingJobEventBatch.");
    const selection = `${isShown ? "shown" : ""}${JSON.stringify(key)}${selectionText(selecting, type, group)}`;
    const known = this.#shared.get(selection);
    if (known !== undefined) return known;
    const render = compiled(selecting, type, group);
    if (render === null) return null;
    const beginning = `{"data":{${JSON.stringify(key)}:`;
    const write = (batch: EventBatch, { reads }: CacheReport): LiveResult => {
      const cache = extensionOf({ reads, isShown });
      const end = cache === null ? "}}" : `},${JSON.stringify({ extensions: { cache } }).slice(1)}`;
      return resultOf(`${beginning}${render(batch)}${end}`, batch);
    };
    const writer = { write };
    this.#shared.set(selection, writer);
    return writer;
  }

  /** The writer of one subscription, for which graphql-js executes each batch. */
  ownFor({ document, operation }: ValidOperation, variables: Values): OwnWriter {
    const { schema, format } = this;
    const operationName = operation.name?.value;
    return {
      execute: async (batch: EventBatch, contextValue: OperationContext) => {
        const args = { schema, document, operationName, variableValues: variables, contextValue };
        const { data, errors } = await execute({ ...args, rootValue: batch });
        const cache = extensionOf(contextValue.cache);
        const json = JSON.stringify({
          data,
          errors: errors?.map((error) => format(error, contextValue)),
          ...(cache !== null && { extensions: { cache } }),
        });
        return resultOf(json, batch);
      },
    };
  }
}

function resultOf(json: string, { edges, lateEdges, endCursor }: EventBatch): LiveResult {
  return new LiveResult(json, edges.length + lateEdges.length, endCursor);
}

/** Writes the selected fields of a batch; null if a field needs more than the batch. */
function compiled(selecting: Selecting, type: GraphQLObjectType, group: FieldGroup): Render | null {
  try {
    return compileValue(selecting, type, group);
  } catch (error) {
    if (error instanceof Unplannable) return null;
    throw error;
  }
}

/** The selection as a canonical text. It has no arguments, because fields with arguments are not compiled. */
function selectionText(selecting: Selecting, type: GraphQLObjectType, parents: FieldGroup): string {
  let text = "{";
  for (const [key, group] of collectFields(selecting, type, parents)) {
    const name = group[0].name.value;
    const field = type.getFields()[name];
    const inner = field === undefined ? null : getNamedType(field.type);
    const below = isObjectType(inner) ? selectionText(selecting, inner, group) : "";
    text += `${key}:${name}${below},`;
  }
  return `${text}}`;
}
