import {
  type FieldNode,
  getNamedType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  isObjectType,
} from "graphql";
import { type OperationContext } from "../context.js";
import { collectFields, type Selecting, selectingOf } from "./collect-fields.js";
import { type PageNeed, type PageNeeds } from "../../paging/connection.js";
import { type FieldSpec, specOf } from "./field-spec.js";

/**
 * The needs of the fields that an execution would run below a field.
 * @param type the type of the field
 * @param fields all selections of the field
 */
export function needsOf(
  selecting: Selecting,
  type: GraphQLOutputType,
  fields: readonly FieldNode[],
): PageNeeds {
  const needs = new Set<PageNeed>();
  addNeeds(needs, selecting, type, fields);
  return needs;
}

function addNeeds(
  needs: Set<PageNeed>,
  selecting: Selecting,
  type: GraphQLOutputType,
  fields: readonly FieldNode[],
): void {
  const object = getNamedType(type);
  if (!isObjectType(object)) return;
  for (const group of collectFields(selecting, object, fields).values()) {
    const field = object.getFields()[group[0].name.value];
    if (field === undefined) continue;
    const { needs: need } = specOf(field);
    if (need !== undefined) needs.add(need);
    addNeeds(needs, selecting, field.type, group);
  }
}

/** Reads a field for its resolver, like a plan. */
export function readField<Source, Args, Request, Result>(
  { parse, read }: Required<Pick<FieldSpec<Source, Args, Request, Result>, "parse" | "read">>,
  source: Source,
  args: Args,
  context: OperationContext,
  info: GraphQLResolveInfo,
): Result | Promise<Result> {
  const needs = needsOf(selectingOf(info), info.returnType, info.fieldNodes);
  return read(source, parse(args, context), context, needs);
}
