import { Field, ObjectType } from "type-graphql";
import { type EventNode } from "../../../paging/connection.js";
import { RenderedNode } from "../../../paging/rendered-row.js";
import { type Level, type Source } from "../../../training-job-event.js";
import { Registered } from "../../plan/field-spec.js";
import { DateTime } from "./date-time.js";
import { TrainingJobEventLevel, TrainingJobEventSource } from "./event-enums.js";

/** The message as JSON, from the row's own copy where there is one. */
function messageJson(event: EventNode): string {
  return event instanceof RenderedNode ? event.messageJson : JSON.stringify(event.message);
}

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

  @Registered({ toJson: messageJson })
  @Field(() => String, {
    description:
      "What happened, in the language of `X-Language` or `Accept-Language` where ModelArts has it.",
  })
  readonly message!: string;
}
