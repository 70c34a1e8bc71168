import { type GraphQLField } from "graphql";
import { Extensions } from "type-graphql";
import { type PageNeed, type PageNeeds } from "../../paging/connection.js";
import { type Price } from "../price.js";
import { type ProjectScope, type TrainingJobSource } from "../training-job.js";
import { type OperationContext } from "../context.js";

/** The jobs that a field names: how many, before a look at their names, and those whose names are valid. */
export type NamedJobs = { readonly named: number; readonly jobs: () => readonly TrainingJobSource[] };

/**
 * Everything that the gateway knows of one field beside its type and description: its arguments, its price, and how
 * compiled plans read and write it. It is registered at the field by {@link Registered}; cost checks, plans and the
 * resolver take it from there. A field without any of this is a plain property of its object.
 */
export type FieldSpec<Source = unknown, Args = unknown, Request = unknown, Result = unknown> = {
  /**
   * Checks the arguments, without any I/O.
   * @throws GatewayError BAD_USER_INPUT
   */
  parse?(args: Args, scope: ProjectScope): Request;
  /** The jobs that a root field names. The prices of the fields below are counted for each of them. */
  jobs?(request: Request): NamedJobs;
  /** What the field can cost for one job, with an empty cache. @param above the request of the field above it */
  price?(request: Request, above: unknown): Price;
  /**
   * Reads the field's value from the object above it; at once where nothing must be waited for. A field with a
   * resolver needs this to have a place in a compiled plan.
   * @param needs what the fields below need
   */
  read?(
    source: Source,
    request: Request,
    context: OperationContext,
    needs: PageNeeds,
  ): Result | Promise<Result>;
  /** What the page above must be read with. */
  readonly needs?: PageNeed;
  /** Whether the value is a string in which JSON escapes nothing. */
  readonly isPlainText?: boolean;
  /** Writes the field as JSON, where that is faster than `JSON.stringify`. */
  toJson?(source: Source): string;
};

/** A field that a plan can read. */
export type ReadableSpec = FieldSpec & Required<Pick<FieldSpec, "read">>;

/** Its name among a field's `extensions`. */
const KEY = "gateway";

/** Registers a field's spec at the field. */
export function Registered<Source, Args, Request, Result>(
  spec: FieldSpec<Source, Args, Request, Result>,
): MethodDecorator & PropertyDecorator {
  return Extensions({ [KEY]: spec });
}

/** The same for fields that are built without decorators. */
export function registered<Source, Args, Request, Result>(
  spec: FieldSpec<Source, Args, Request, Result>,
): { readonly [KEY]: unknown } {
  return { [KEY]: spec };
}

/** What is registered at a field; an empty spec where nothing is. */
export function specOf({ extensions }: Pick<GraphQLField<unknown, unknown>, "extensions">): FieldSpec {
  return (extensions[KEY] as FieldSpec | undefined) ?? NOTHING;
}

/** Whether plans can read a field. */
export function isReadable(spec: FieldSpec): spec is ReadableSpec {
  return spec.read !== undefined;
}

const NOTHING: FieldSpec = {};
