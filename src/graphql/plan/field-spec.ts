import { type GraphQLField } from "graphql";
import { Extensions } from "type-graphql";
import { type PageNeed, type PageNeeds } from "../../paging/connection.js";
import { type Price } from "../cost/price.js";
import { type ProjectScope, type TrainingJobSource } from "../training-job.js";
import { type OperationContext } from "../context.js";

/** The jobs that a field names: the number of all, and a function that returns those with valid names. */
export type NamedJobs = {
  readonly named: number;
  /** In the order of their names; null or left out where a name is not valid. */
  readonly jobs: () => readonly (TrainingJobSource | null)[];
  /** Whether the field is a list with a place for each name, so that jobs can be refused one by one. */
  readonly isList?: boolean;
};

/**
 * Everything that the gateway knows about one field except its type and description: its arguments, its price, and how
 * compiled plans read and write it. {@link Registered} registers it at the field; cost checks, plans and the resolver
 * use it from there. A field without a spec is a plain property of its object.
 */
export type FieldSpec<Source = unknown, Args = unknown, Request = unknown, Result = unknown> = {
  /**
   * Checks the arguments, without any I/O.
   * @throws GatewayError BAD_USER_INPUT
   */
  parse?(args: Args, scope: ProjectScope): Request;
  /** The jobs that a root field names. The prices of the fields below are counted for each of them. */
  jobs?(request: Request): NamedJobs;
  /** The maximum cost of the field for one job, with an empty cache. @param above the request of the field above */
  price?(request: Request, above: unknown): Price;
  /**
   * Reads the field's value from the object above it; synchronously if it need not wait. A field with a resolver needs
   * this to be part of a compiled plan.
   * @param needs the needs of the fields below
   */
  read?(
    source: Source,
    request: Request,
    context: OperationContext,
    needs: PageNeeds,
  ): Result | Promise<Result>;
  /** The data that the page above must be read with. */
  readonly needs?: PageNeed;
  /** Whether the value is a string that needs no JSON escapes. */
  readonly isPlainText?: boolean;
  /** Writes the field as JSON, if that is faster than `JSON.stringify`. */
  toJson?(source: Source): string;
};

/** A field that a plan can read. */
export type ReadableSpec = FieldSpec & Required<Pick<FieldSpec, "read">>;

/** The name of the spec in a field's `extensions`. */
const KEY = "gateway";

/** Registers a field's spec at the field. */
export function Registered<Source, Args, Request, Result>(
  spec: FieldSpec<Source, Args, Request, Result>,
): MethodDecorator & PropertyDecorator {
  return Extensions({ [KEY]: spec });
}

/** Makes the `extensions` of a field that is built without decorators. */
export function registered<Source, Args, Request, Result>(
  spec: FieldSpec<Source, Args, Request, Result>,
): { readonly [KEY]: unknown } {
  return { [KEY]: spec };
}

/** The spec that is registered at a field; an empty spec if there is none. */
export function specOf({ extensions }: Pick<GraphQLField<unknown, unknown>, "extensions">): FieldSpec {
  return (extensions[KEY] as FieldSpec | undefined) ?? NOTHING;
}

/** Whether plans can read a field. */
export function isReadable(spec: FieldSpec): spec is ReadableSpec {
  return spec.read !== undefined;
}

const NOTHING: FieldSpec = {};
