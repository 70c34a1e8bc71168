/**
 * Why an operation has no plan, as the metric's label: it is no query; it has directives; it asks for the schema; for
 * what only routers ask for; a variable has a name that no plain object can hold; a field has no compiled form.
 */
export type NoPlanReason =
  "subscription" | "directives" | "introspection" | "federation" | "variables" | "field";

/** Thrown while a plan is compiled; graphql-js then executes the operation. */
export class Unplannable extends Error {
  override readonly name = "Unplannable";

  constructor(readonly reason: NoPlanReason) {
    super(`The operation has no plan: ${reason}.`);
  }
}
