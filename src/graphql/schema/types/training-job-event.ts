import { Field, ObjectType } from "type-graphql";
import { type EventNode } from "../../../paging/connection.js";
import { type Level, type Source } from "../../../training-job-event.js";
import { DateTime } from "./date-time.js";
import { TrainingJobEventLevel, TrainingJobEventSource } from "./event-enums.js";

/** One event as the graph shows it; its values come ready as an {@link EventNode}. */
@ObjectType({ simpleResolvers: true, description: "One thing that happened to a training job." })
export class TrainingJobEvent implements EventNode {
  @Field(() => DateTime, {
    description: "When it happened, in UTC whatever offset ModelArts wrote.",
  })
  readonly time!: string;

  @Field(() => TrainingJobEventLevel, {
    nullable: true,
    description: "How severe it is; null when ModelArts sends a level that this schema does not know.",
  })
  readonly level!: Level | null;

  @Field(() => TrainingJobEventSource, {
    nullable: true,
    description: "What wrote it; null when ModelArts sends a source that this schema does not know.",
  })
  readonly source!: Source | null;

  @Field(() => String, {
    description:
      "What happened, in the language of `X-Language` or `Accept-Language` where ModelArts has it.",
  })
  readonly message!: string;
}
