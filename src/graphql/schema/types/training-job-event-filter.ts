import { Field, InputType } from "type-graphql";
import { type EventFilterInput } from "../../../paging/filter.js";
import { type Level, type Source } from "../../../training-job-event.js";
import { DateTime } from "./date-time.js";
import { TrainingJobEventLevel, TrainingJobEventSource } from "./event-enums.js";

/** Both ends at once, as the upstream demands. */
@InputType({ description: "A range of time, both ends included." })
export class TimeRange {
  @Field(() => DateTime, { description: "The earliest moment; not after `end`." })
  readonly start!: Date;

  @Field(() => DateTime, { description: "The latest moment." })
  readonly end!: Date;
}

/** Checked by `parseFilter`. */
@InputType({ description: "Which events to keep; all given parts must hold." })
export class TrainingJobEventFilter implements EventFilterInput {
  @Field(() => [TrainingJobEventLevel], {
    nullable: true,
    description: "One of these levels. Null, or every value, means any; an empty list is refused.",
  })
  readonly levels?: Level[] | null;

  @Field(() => [TrainingJobEventSource], {
    nullable: true,
    description: "One of these sources. Null, or every value, means any; an empty list is refused.",
  })
  readonly sources?: Source[] | null;

  @Field(() => String, {
    nullable: true,
    description: "Text that the message contains: 1 to 256 UTF-16 units.",
  })
  readonly messageContains?: string | null;

  @Field(() => TimeRange, { nullable: true, description: "When the event happened." })
  readonly time?: TimeRange | null;
}
