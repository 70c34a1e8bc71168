import {
  getArgumentValues,
  getVariableValues,
  GraphQLError,
  type GraphQLSchema,
  locatedError,
} from "graphql";
import { type OperationContext, type ValidOperation } from "../context.js";
import { type Values } from "../plan/coerce-variables.js";
import { collectFields, fragmentsOf, type Selecting } from "../plan/collect-fields.js";
import { specOf } from "../plan/field-spec.js";
import { type StreamInput } from "../schema/resolvers/training-job-events.js";
import { type BatchWriters } from "./batch-writers.js";
import { type LiveCall, type LiveRun } from "./live-call.js";
import { type LogFollowers } from "./log-followers.js";
import { type StreamParts } from "./stream-parts.js";
import { Subscriber } from "./subscriber.js";

type SubscriptionParts = StreamParts & {
  readonly schema: GraphQLSchema;
  readonly followers: LogFollowers;
  readonly writers: BatchWriters;
};

/**
 * Starts a subscription that may run.
 * @param onError called with the error that ends the subscription, with its location in the document
 * @throws GraphQLError that contains a BAD_USER_INPUT error
 */
export function openSubscription(
  parts: SubscriptionParts,
  valid: ValidOperation,
  variables: Values,
  call: LiveCall,
  context: OperationContext,
  onError: (error: GraphQLError) => void,
): LiveRun {
  const { schema, writers } = parts;
  const { document, operation } = valid;
  const { coerced = {} } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  const selecting: Selecting = { schema, fragments: fragmentsOf(document), variables: coerced };
  const root = schema.getSubscriptionType();
  if (!root) throw new Error("The schema has no subscriptions.");
  const [selected] = collectFields(selecting, root, [operation]);
  if (selected === undefined) throw new Error("The subscription selects nothing.");
  const [key, group] = selected;
  const [node] = group;
  const definition = root.getFields()[node.name.value];
  if (definition === undefined) throw new Error(`There is no subscription ${node.name.value}.`);
  // The nodes keep the whole document in memory. Their location is computed once, and the nodes are dropped.
  const { locations = [] } = new GraphQLError("", { nodes: group });
  const located = (error: unknown): GraphQLError => {
    const { message, originalError } = locatedError(error, undefined, [key]);
    const placed = new GraphQLError(message, { path: [key], originalError: originalError ?? null });
    Object.defineProperty(placed, "locations", { value: locations, enumerable: true });
    return placed;
  };
  try {
    const given = getArgumentValues(definition, node, coerced);
    const { resumeAfter } = call;
    const args = resumeAfter === null ? given : { ...given, after: resumeAfter, last: null };
    const { job, start } = specOf(definition).parse?.(args, context) as StreamInput;
    const writer =
      writers.sharedFor(selecting, { key, group }, context.cache.isShown) ?? writers.ownFor(valid, variables);
    const request = { subject: { job, filter: start.page.filter }, writer };
    return new Subscriber(parts, call, request, start, (error) => {
      onError(located(error));
    });
  } catch (error) {
    throw located(error);
  }
}
