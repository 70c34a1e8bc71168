import {
  type FieldNode,
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
} from "graphql";
import { type PageNeeds } from "../../paging/connection.js";
import { DateTime } from "../schema/types/date-time.js";
import { collectFields, type FieldGroup, type Selecting } from "./collect-fields.js";
import { isReadable, type ReadableSpec, specOf } from "./field-spec.js";
import { needsOf } from "./needs.js";
import { isPlainField } from "./plain-fields.js";
import {
  addText,
  addWriter,
  enumWriter,
  keptRender,
  listWriter,
  newTemplate,
  type Plain,
  type Render,
  renderOf,
  type Template,
  writeLeaf,
} from "./template.js";
import { Unplannable } from "./unplannable.js";

/** A field that a plan reads. The values of its arguments are known only when the operation runs. */
export type Reading = {
  readonly spec: ReadableSpec;
  readonly field: GraphQLField<unknown, unknown>;
  readonly node: FieldNode;
  readonly needs: PageNeeds;
  /** The index of its value while the operation runs. */
  readonly slot: number;
  /** Fields that are read from its value. */
  readonly below: readonly Reading[];
};

/** The reads of an operation, and the function that writes their values as JSON. */
export type CompiledOperation = {
  readonly roots: readonly Reading[];
  /** All readings, by slot. */
  readonly readings: readonly Reading[];
  readonly render: Render;
};

/** Finds an object from the source of its template. */
type Find = (source: unknown) => unknown;

/** Where the compiled form of fields is added. */
type Place = {
  readonly selecting: Selecting;
  readonly template: Template;
  /** All readings of the operation; null inside lists, which cannot have readings. */
  readonly readings: Reading[] | null;
  /** The readings from the value that contains this place. */
  readonly below: Reading[];
  readonly find: Find;
};

/**
 * Compiles the selections of a query. The source of its template is the list of values, by slot.
 * @throws Unplannable
 */
export function compileOperation(
  selecting: Selecting,
  query: GraphQLObjectType,
  operation: OperationDefinitionNode,
): CompiledOperation {
  const [template, readings, roots]: [Template, Reading[], Reading[]] = [newTemplate(), [], []];
  addObject({ selecting, template, readings, below: roots, find: (values) => values }, query, [operation]);
  return { roots, readings, render: renderOf(template) };
}

/**
 * Compiles the selections of fields whose value is already known.
 * @throws Unplannable if a field below must be read
 */
export function compileValue(selecting: Selecting, type: GraphQLObjectType, group: FieldGroup): Render {
  const template = newTemplate();
  addObject({ selecting, template, readings: null, below: [], find: (value) => value }, type, group);
  return renderOf(template);
}

function addObject(
  place: Place,
  type: GraphQLObjectType,
  parents: readonly (OperationDefinitionNode | FieldNode)[],
): void {
  const { template, selecting } = place;
  let separator = "{";
  for (const [key, group] of collectFields(selecting, type, parents)) {
    addText(template, `${separator}${JSON.stringify(key)}:`);
    addField(place, type, group);
    separator = ",";
  }
  addText(template, "}");
}

function addField(place: Place, type: GraphQLObjectType, group: FieldGroup): void {
  const name = group[0].name.value;
  if (name === "__typename") {
    addText(place.template, JSON.stringify(type.name));
    return;
  }
  if (name === "__schema" || name === "__type") throw new Unplannable("introspection");
  const field = type.getFields()[name];
  if (field === undefined) throw new Error(`${type.name} has no field ${name}.`);
  if (name === "_entities" || name === "_service") throw new Unplannable("federation");
  const spec = specOf(field);
  if (isReadable(spec)) {
    addReading(place, field, spec, group);
  } else if (!isPlainField(field) || isAbstractType(getNamedType(field.type))) {
    throw new Unplannable("field");
  } else {
    const { find } = place;
    addValue(place, field, group, (source) => (find(source) as Plain)[name]);
  }
}

function addReading(
  place: Place,
  field: GraphQLField<unknown, unknown>,
  spec: ReadableSpec,
  group: FieldGroup,
): void {
  const { readings, selecting } = place;
  if (readings === null || isAbstractType(getNamedType(field.type))) throw new Unplannable("field");
  const needs = needsOf(selecting, field.type, group);
  const below: Reading[] = [];
  const slot = readings.length;
  const reading = { spec, field, node: group[0], needs, slot, below };
  readings.push(reading);
  place.below.push(reading);
  addValue({ ...place, below }, field, group, (values) => (values as readonly unknown[])[slot]);
}

/** Adds a writer for a field's value; `find` finds the value. */
function addValue(place: Place, field: GraphQLField<unknown, unknown>, group: FieldGroup, find: Find): void {
  const { template } = place;
  const inner = getNamedType(field.type);
  const isNonNull = isNonNullType(field.type);
  const isList = isListType(getNullableType(field.type));
  const spec = specOf(field);
  if (isObjectType(inner) && isList) {
    const write = listWriter(compileRow(place, inner, group));
    addWriter(template, (source) => write(find(source) as readonly object[] | null | undefined, isNonNull));
  } else if (isObjectType(inner)) {
    addInnerObject({ ...place, find }, field.type, inner, group);
  } else if (spec.toJson !== undefined) {
    const { find: findObject } = place;
    addWriter(template, (source) => spec.toJson?.(findObject(source)) ?? "null");
  } else if (isEnumType(inner) && !isList) {
    const write = enumWriter(inner);
    addWriter(template, (source) => write(find(source)));
  } else if (isNonNull && !isList && (spec.isPlainText === true || inner.name === DateTime.name)) {
    addText(template, '"');
    addWriter(template, (source) => find(source) as string);
    addText(template, '"');
  } else {
    addWriter(template, (source) => writeLeaf(find(source), isNonNull));
  }
}

/** Adds an object. A nullable object gets its own template. */
function addInnerObject(
  place: Place,
  output: GraphQLOutputType,
  type: GraphQLObjectType,
  group: FieldGroup,
): void {
  if (isNonNullType(output)) {
    addObject(place, type, group);
    return;
  }
  const { find } = place;
  const inner = newTemplate();
  addObject({ ...place, template: inner }, type, group);
  const render = renderOf(inner);
  addWriter(place.template, (source) => {
    const value = find(source);
    return value === null || value === undefined ? "null" : render(source);
  });
}

/** Compiles the selections of each object of a list. */
function compileRow({ selecting }: Place, type: GraphQLObjectType, group: FieldGroup): Render {
  const template = newTemplate();
  addObject({ selecting, template, readings: null, below: [], find: (row) => row }, type, group);
  return keptRender(template);
}
