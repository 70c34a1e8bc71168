/**
 * The reason why an operation has no plan, as the metric's label: it is not a query (`subscription`), it has
 * directives, it uses introspection, it has fields for routers (`federation`), a variable has a name that a plain object
 * cannot have (`variables`), or a field has no compiled form (`field`).
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
