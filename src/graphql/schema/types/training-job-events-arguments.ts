import { ArgsType, Field, Int } from "type-graphql";
import { type StreamArguments } from "../../../paging/arguments.js";
import { TrainingJobArgs } from "./training-job-arguments.js";
import { TrainingJobEventFilter } from "./training-job-event-filter.js";

/** Arguments of `Subscription.trainingJobEvents`, checked by `parseStreamArguments`. */
@ArgsType()
export class TrainingJobEventsArgs extends TrainingJobArgs implements StreamArguments {
  @Field(() => TrainingJobEventFilter, {
    nullable: true,
    description: "Which events to send; all when left out.",
  })
  readonly filter?: TrainingJobEventFilter | null;

  @Field(() => String, {
    nullable: true,
    description: "Begin behind the event with this cursor; without it, and without `last`, begin now.",
  })
  readonly after?: string | null;

  @Field(() => Int, {
    defaultValue: 0,
    description: "Begin with this many of the newest events: 0 to 100. Not together with `after`.",
  })
  readonly last!: number;
}
