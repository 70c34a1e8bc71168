import type { GraphQLResolveInfo } from "graphql";
import { Args, Ctx, Directive, FieldResolver, Info, Query, Resolver, Root } from "type-graphql";
import { type EventsArguments, type PageRequest, parseEventsArguments } from "../../../paging/arguments.js";
import type { EventPage, PageNeeds } from "../../../paging/connection.js";
import type { OperationContext } from "../../context.js";
import { Registered } from "../../plan/field-spec.js";
import { readField } from "../../plan/needs.js";
import { priceOfPage } from "../../cost/price.js";
import { jobRefOf, nameTrainingJob, type ProjectScope, type TrainingJobSource } from "../../training-job.js";
import { EventsArgs } from "../types/events-arguments.js";
import { TrainingJobArgs } from "../types/training-job-arguments.js";
import { TrainingJob } from "../types/training-job.js";
import { TrainingJobEventConnection } from "../types/training-job-event-connection.js";

/** `Query.trainingJob`: identifies a job without reading. */
const trainingJobField = {
  parse: ({ id, projectId }: TrainingJobArgs, scope: ProjectScope): TrainingJobSource =>
    nameTrainingJob(id, projectId, scope),
  jobs: (job: TrainingJobSource) => ({ named: 1, jobs: () => [job] }),
  read: (_root: unknown, job: TrainingJobSource): TrainingJobSource => job,
};

/** `TrainingJob.events`: one page. */
const eventsField = {
  parse: (args: EventsArguments): PageRequest => parseEventsArguments(args),
  price: priceOfPage,
  read: (
    job: TrainingJobSource,
    request: PageRequest,
    context: OperationContext,
    needs: PageNeeds,
  ): EventPage | Promise<EventPage> => context.readEvents(jobRefOf(job), request, needs),
};

/** The entry point, and the fields of a job that need the upstream. */
@Resolver(() => TrainingJob)
export class TrainingJobResolver {
  @Registered(trainingJobField)
  @Query(() => TrainingJob, {
    nullable: true,
    description: "The job with this ID. No upstream call is made until one of its fields needs one.",
  })
  trainingJob(
    @Args(() => TrainingJobArgs) args: TrainingJobArgs,
    @Ctx() context: OperationContext,
  ): TrainingJobSource {
    return trainingJobField.parse(args, context);
  }

  @Registered(eventsField)
  @Directive("@cost(weight: 3)")
  @Directive(
    '@listSize(assumedSize: 50, slicingArguments: ["first", "last"], sizedFields: ["edges", "nodes"], requireOneSlicingArgument: false)',
  )
  @FieldResolver(() => TrainingJobEventConnection, {
    nullable: true,
    description:
      "The job's events, page by page. If they cannot be read, this field is null and the answer has an error. " +
      "The job's other fields are not affected.",
  })
  events(
    @Root() job: TrainingJobSource,
    @Args(() => EventsArgs) args: EventsArgs,
    @Ctx() context: OperationContext,
    @Info() info: GraphQLResolveInfo,
  ): EventPage | Promise<EventPage> {
    return readField(eventsField, job, args, context, info);
  }
}
