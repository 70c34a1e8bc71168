import { GatewayError } from "../../../errors.js";
import { type OperationContext } from "../../context.js";
import { nameTrainingJob, type TrainingJobSource } from "../../training-job.js";

/** Arguments of `Query._entities`, which the library adds to the schema. */
export type Representations = { readonly representations: readonly unknown[] };

/**
 * The job that a supergraph's router means by a representation, `{ id }` or `{ id projectId }`. No upstream call.
 * @throws GatewayError BAD_USER_INPUT with the path of the part at fault
 */
export function nameRepresentation(
  representation: unknown,
  index: number,
  defaultProjectId: string | null,
): TrainingJobSource {
  const path = `representations.${index}`;
  const fields: Readonly<Record<string, unknown>> =
    typeof representation === "object" && representation !== null ? { ...representation } : {};
  const { id, projectId = null } = fields;
  if (fields.__typename !== "TrainingJob" || typeof id !== "string") {
    throw new GatewayError("BAD_USER_INPUT", `${path} must have __typename "TrainingJob" and an id.`, {
      argument: path,
    });
  }
  if (projectId !== null && typeof projectId !== "string") {
    throw new GatewayError("BAD_USER_INPUT", `${path}.projectId must be a string.`, {
      argument: `${path}.projectId`,
    });
  }
  return nameTrainingJob(id, projectId, defaultProjectId, `${path}.`);
}

/**
 * Resolves `Query._entities` in place of the library's resolver, which blames the server for a representation
 * it cannot read and fails all of them together. Here each stands or falls alone.
 */
export function resolveEntities(
  _root: unknown,
  { representations }: Representations,
  { defaultProjectId }: OperationContext,
): unknown[] {
  return representations.map((representation, index) => {
    try {
      return { __typename: "TrainingJob", ...nameRepresentation(representation, index, defaultProjectId) };
    } catch (error) {
      return error;
    }
  });
}
