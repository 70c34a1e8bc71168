import { GatewayError } from "../../../errors.js";
import { type OperationContext } from "../../context.js";
import { type ArgumentScope } from "../../plan/field-spec.js";
import { nameTrainingJob, type TrainingJobSource } from "../../training-job.js";

/** Arguments of `Query._entities`, which only routers use. */
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

/** Each representation, as the job that it names or the error of what is wrong with it. */
type Entities = readonly (() => TrainingJobSource)[];

/** `Query._entities`: names jobs, reads nothing. A representation that is wrong fails alone. */
export const entitiesField = {
  parse: ({ representations }: Representations, { defaultProjectId }: ArgumentScope): Entities =>
    representations.map(
      (representation, index) => () => nameRepresentation(representation, index, defaultProjectId),
    ),
  jobs: (entities: Entities) => ({
    named: entities.length,
    jobs: () => entities.flatMap((name) => valid(name)),
  }),
};

export function resolveEntities(_root: unknown, args: Representations, context: OperationContext): unknown[] {
  return entitiesField.parse(args, context).map((name) => {
    try {
      return { __typename: "TrainingJob", ...name() };
    } catch (error) {
      return error;
    }
  });
}

function valid(name: () => TrainingJobSource): TrainingJobSource[] {
  try {
    return [name()];
  } catch (error) {
    if (error instanceof GatewayError) return [];
    throw error;
  }
}
