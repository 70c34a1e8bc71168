import { GatewayError } from "../errors.js";
import { type JobRef, parseId } from "../paging/job.js";

/** A training job as the graph's resolvers hand it on: named, not yet asked for. */
export type TrainingJobSource = { readonly id: string; readonly projectId: string };

/** The projects whose jobs an operation may name. */
export type ProjectScope = {
  /** The project of a query that names none; null if there is no default. */
  readonly defaultProjectId: string | null;
  /** Whether the default project is the only one. */
  readonly singleProject: boolean;
};

/**
 * Names a job without asking the upstream whether it exists.
 * @param prefix path of the arguments, such as `representations.0.`
 * @throws GatewayError BAD_USER_INPUT if an ID is invalid, or there is no project; FORBIDDEN for another project than
 *   the single one
 */
export function nameTrainingJob(
  id: string,
  projectId: string | null | undefined,
  { defaultProjectId, singleProject }: ProjectScope,
  prefix = "",
): TrainingJobSource {
  const jobId = parseId(id, `${prefix}id`);
  const project = projectId ?? defaultProjectId;
  if (project === null) {
    throw new GatewayError(
      "BAD_USER_INPUT",
      `${prefix}projectId is required: this gateway has no default project.`,
      { argument: `${prefix}projectId` },
    );
  }
  const projectIdOfJob = parseId(project, `${prefix}projectId`);
  if (singleProject && projectIdOfJob !== defaultProjectId) {
    throw new GatewayError("FORBIDDEN", "This gateway serves one project, and no other.", {
      argument: `${prefix}projectId`,
    });
  }
  return { id: jobId, projectId: projectIdOfJob };
}

/** The same job in the words of the rooms below. */
export function jobRefOf(job: TrainingJobSource): JobRef {
  return { projectId: job.projectId, jobId: job.id };
}
