import { GraphQLID, type GraphQLResolveInfo } from "graphql";
import { GatewayError } from "../../../errors.js";
import { type OperationContext } from "../../context.js";
import { refusedAt } from "../../cost/partial-admission.js";
import { nameTrainingJob, type ProjectScope, type TrainingJobSource } from "../../training-job.js";

/** The message for a job of a list if the other jobs of the list are answered. */
const REFUSED =
  "The operation is too expensive with this job. Ask for fewer jobs, events or filters at a time.";

/** Arguments of `Query._entities`, which only routers use. */
export type Representations = { readonly representations: readonly unknown[] };

/**
 * The job of a representation: `{ id projectId }`, or `{ id }` if the gateway serves a single project. No upstream
 * call.
 * @throws GatewayError BAD_USER_INPUT with the path of the invalid part
 */
function nameRepresentation(representation: unknown, index: number, scope: ProjectScope): TrainingJobSource {
  const path = `representations.${index}`;
  const fields: Readonly<Record<string, unknown>> =
    typeof representation === "object" && representation !== null ? { ...representation } : {};
  const { id = null, projectId = null } = fields;
  if (fields.__typename !== "TrainingJob" || id === null) {
    throw new GatewayError("BAD_USER_INPUT", `${path} must have __typename "TrainingJob" and an id.`, {
      argument: path,
    });
  }
  const jobId = textOfId(id, `${path}.id`);
  const project = projectId === null ? null : textOfId(projectId, `${path}.projectId`);
  // A job of another project must not get the default project without an error.
  if (project === null && !scope.singleProject) {
    throw new GatewayError("BAD_USER_INPUT", `${path} must have a projectId.`, {
      argument: `${path}.projectId`,
    });
  }
  return nameTrainingJob(jobId, project, scope, `${path}.`);
}

/** The text of an `ID`. Some subgraphs write it as an integer. */
function textOfId(id: unknown, argument: string): string {
  try {
    return GraphQLID.parseValue(id);
  } catch {
    throw new GatewayError("BAD_USER_INPUT", `${argument} must be a string or an integer.`, { argument });
  }
}

/** For each representation, a function that returns its job or throws its error. */
type Entities = readonly (() => TrainingJobSource)[];

/** `Query._entities`: identifies jobs without reading. An invalid representation fails alone. */
export const entitiesField = {
  parse: ({ representations }: Representations, scope: ProjectScope): Entities =>
    representations.map((representation, index) => () => nameRepresentation(representation, index, scope)),
  jobs: (entities: Entities) => ({
    named: entities.length,
    jobs: () => entities.map(validOrNull),
    isList: true,
  }),
};

export function resolveEntities(
  _root: unknown,
  args: Representations,
  context: OperationContext,
  { path }: GraphQLResolveInfo,
): unknown[] {
  const refused = refusedAt(context, path.key);
  return entitiesField.parse(args, context).map((name, index) => {
    try {
      if (refused?.has(index)) throw new GatewayError("OPERATION_TOO_COMPLEX", REFUSED);
      return { __typename: "TrainingJob", ...name() };
    } catch (error) {
      return error;
    }
  });
}

function validOrNull(name: () => TrainingJobSource): TrainingJobSource | null {
  try {
    return name();
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}
