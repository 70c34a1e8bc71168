import type { GraphQLResolveInfo } from "graphql";
import { Args, Ctx, FieldResolver, Info, Query, Resolver, Root } from "type-graphql";
import type { EventConnection } from "../../../paging/connection.js";
import { selectsCursors } from "../../plan/selects-cursors.js";
import { selectingOf } from "../../plan/collect-fields.js";
import type { OperationContext } from "../../context.js";
import { jobRefOf, nameTrainingJob, type TrainingJobSource } from "../../training-job.js";
import { EventsArgs } from "../types/events-arguments.js";
import { TrainingJobArgs } from "../types/training-job-arguments.js";
import { TrainingJob } from "../types/training-job.js";
import { TrainingJobEventConnection } from "../types/training-job-event-connection.js";

/** The entry point and the fields of a job that need the upstream. */
@Resolver(() => TrainingJob)
export class TrainingJobResolver {
  @Query(() => TrainingJob, {
    nullable: true,
    description: "The job with this ID. No upstream call is made until one of its fields needs one.",
  })
  trainingJob(
    @Args(() => TrainingJobArgs) { id, projectId }: TrainingJobArgs,
    @Ctx() context: OperationContext,
  ): TrainingJobSource {
    return nameTrainingJob(id, projectId, context.defaultProjectId);
  }

  @FieldResolver(() => TrainingJobEventConnection, {
    nullable: true,
    description:
      "The job's events, page by page. Null beside an error when they cannot be had; the job's other fields stand.",
  })
  events(
    @Root() job: TrainingJobSource,
    @Args(() => EventsArgs) args: EventsArgs,
    @Ctx() context: OperationContext,
    @Info() info: GraphQLResolveInfo,
  ): EventConnection | Promise<EventConnection> {
    return context.readEvents(jobRefOf(job), args, selectsCursors(selectingOf(info), info.fieldNodes));
  }
}
