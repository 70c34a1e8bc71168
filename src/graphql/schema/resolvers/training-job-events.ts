import { Args, Directive, Resolver, Root, Subscription } from "type-graphql";
import { parseStreamArguments, type StreamArguments, type StreamStart } from "../../../paging/arguments.js";
import { type EventBatch } from "../../live/event-batch.js";
import { Registered } from "../../plan/field-spec.js";
import { priceOfPage } from "../../cost/price.js";
import { nameTrainingJob, type ProjectScope, type TrainingJobSource } from "../../training-job.js";
import { type TrainingJobArgs } from "../types/training-job-arguments.js";
import { TrainingJobEventBatch } from "../types/training-job-event-batch.js";
import { TrainingJobEventsArgs } from "../types/training-job-events-arguments.js";

/** The checked arguments of `Subscription.trainingJobEvents`. */
export type StreamInput = { readonly job: TrainingJobSource; readonly start: StreamStart };

/** `Subscription.trainingJobEvents`: its price is the price of its first page. */
const trainingJobEventsField = {
  parse: (args: TrainingJobArgs & StreamArguments, scope: ProjectScope): StreamInput => ({
    job: nameTrainingJob(args.id, args.projectId, scope),
    start: parseStreamArguments(args),
  }),
  jobs: ({ job }: StreamInput) => ({ named: 1, jobs: () => [job] }),
  price: ({ start }: StreamInput) => priceOfPage(start.page),
};

/** The subscription to a log. `graphql/live` makes its batches, once for all subscriptions of a log. */
@Resolver()
export class TrainingJobEventsResolver {
  @Registered(trainingJobEventsField)
  @Directive("@cost(weight: 3)")
  @Subscription(() => TrainingJobEventBatch, {
    description:
      "Follows the log of a job: first the existing events after `after` (or the newest `last` events), then each " +
      "new event, exactly once and in order, oldest first.",
    subscribe: () => {
      throw new Error("Subscriptions run in graphql/live.");
    },
  })
  trainingJobEvents(
    @Args(() => TrainingJobEventsArgs) _args: TrainingJobEventsArgs,
    @Root() batch: EventBatch,
  ): EventBatch {
    return batch;
  }
}
