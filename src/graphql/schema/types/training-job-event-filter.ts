import { Field, InputType } from "type-graphql";
import { type EventFilterInput } from "../../../paging/filter.js";
import { type Level, type Source } from "../../../training-job-event.js";
import { DateTime } from "./date-time.js";
import { TrainingJobEventLevel, TrainingJobEventSource } from "./event-enums.js";

/** The upstream requires both ends; `parseFilter` adds a missing one. */
@InputType({ description: "A time range, both ends included. At least one end must be given." })
export class TrainingJobEventTimeRange {
  @Field(() => DateTime, {
    nullable: true,
    description: "The start of the range, not after `end`; by default the first event.",
  })
  readonly start?: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: "The end of the range; by default the newest event.",
  })
  readonly end?: Date | null;
}

/** Checked by `parseFilter`. */
@InputType({ description: "Conditions for events. An event must meet all given conditions." })
export class TrainingJobEventFilter implements EventFilterInput {
  @Field(() => [TrainingJobEventLevel], {
    nullable: true,
    description:
      "Events with one of these levels. Null, or all values, means any level; an empty list is an error.",
  })
  readonly levels?: Level[] | null;

  @Field(() => [TrainingJobEventSource], {
    nullable: true,
    description:
      "Events with one of these sources. Null, or all values, means any source; an empty list is an error.",
  })
  readonly sources?: Source[] | null;

  @Field(() => String, {
    nullable: true,
    description: "Events whose message contains this text: 1 to 256 UTF-16 units.",
  })
  readonly messageContains?: string | null;

  @Field(() => TrainingJobEventTimeRange, { nullable: true, description: "Events within this time range." })
  readonly time?: TrainingJobEventTimeRange | null;
}
