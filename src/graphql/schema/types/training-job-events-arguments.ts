import { ArgsType, Field, Int } from "type-graphql";
import { type StreamArguments } from "../../../paging/arguments.js";
import { TrainingJobArgs } from "./training-job-arguments.js";
import { TrainingJobEventFilter } from "./training-job-event-filter.js";

/** Arguments of `Subscription.trainingJobEvents`, checked by `parseStreamArguments`. */
@ArgsType()
export class TrainingJobEventsArgs extends TrainingJobArgs implements StreamArguments {
  @Field(() => TrainingJobEventFilter, {
    nullable: true,
    description: "The events to send; all events if not given.",
  })
  readonly filter?: TrainingJobEventFilter | null;

  @Field(() => String, {
    nullable: true,
    description: "Begin after the event with this cursor. Without `after` and `last` the stream begins now.",
  })
  readonly after?: string | null;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 0,
    description:
      "Begin with this many of the newest events: 0 to 100; null means 0. Not together with `after`.",
  })
  readonly last?: number | null;
}
