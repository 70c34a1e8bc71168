import { GatewayError } from "../errors.js";
import { type JobRef, parseId } from "../paging/job.js";

/** A training job as the resolvers pass it on: only its name; nothing has been read. */
export type TrainingJobSource = { readonly id: string; readonly projectId: string };

/** The projects of the jobs that an operation may name. */
export type ProjectScope = {
  /** The project of a query without a project; null if there is no default. */
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
    throw new GatewayError("FORBIDDEN", "This gateway serves only one project, not the requested one.", {
      argument: `${prefix}projectId`,
    });
  }
  return { id: jobId, projectId: projectIdOfJob };
}

/** Converts a job to the form that `event-log` uses. */
export function jobRefOf(job: TrainingJobSource): JobRef {
  return { projectId: job.projectId, jobId: job.id };
}
