import { GatewayError } from "../errors.js";
import { type JobRef, parseId } from "../paging/job.js";

/** A training job as the graph's resolvers hand it on: named, not yet asked for. */
export type TrainingJobSource = { readonly id: string; readonly projectId: string };

/**
 * Names a job without asking the upstream whether it exists.
 * @param prefix path of the arguments, such as `representations.0.`
 * @throws GatewayError BAD_USER_INPUT when an ID is not one, or no project is named and there is no default
 */
export function nameTrainingJob(
  id: string,
  projectId: string | null | undefined,
  defaultProjectId: string | null,
  prefix = "",
): TrainingJobSource {
  const jobId = parseId(id, `${prefix}id`);
  const project = projectId ?? defaultProjectId;
  if (project === null) {
    throw new GatewayError(
      "BAD_USER_INPUT",
      `${prefix}projectId is needed: this gateway has no default project.`,
      { argument: `${prefix}projectId` },
    );
  }
  return { id: jobId, projectId: parseId(project, `${prefix}projectId`) };
}

/** The same job in the words of the rooms below. */
export function jobRefOf(job: TrainingJobSource): JobRef {
  return { projectId: job.projectId, jobId: job.id };
}
