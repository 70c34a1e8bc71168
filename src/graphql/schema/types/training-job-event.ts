import { Field, ID, ObjectType } from "type-graphql";
import { type EventNode } from "../../../paging/connection.js";
import { RenderedNode } from "../../../paging/rendered-row.js";
import { type Level, type Source } from "../../../training-job-event.js";
import { Registered } from "../../plan/field-spec.js";
import { DateTime } from "./date-time.js";
import { TrainingJobEventLevel, TrainingJobEventSource } from "./event-enums.js";

/** The message as JSON, from the row's copy if it has one. */
function messageJson(event: EventNode): string {
  return event instanceof RenderedNode ? event.messageJson : JSON.stringify(event.message);
}

/** One event in the schema; an {@link EventNode} already contains all values. */
@ObjectType({ simpleResolvers: true, description: "An event in the log of a training job." })
export class TrainingJobEvent implements EventNode {
  @Registered({ needs: "ids", isPlainText: true })
  @Field(() => ID, {
    description:
      "Identifies the event, for `aroundEvent`. The ID is the same with every filter of the job and in both orders, but " +
      "differs between languages. Opaque and URL-safe.",
  })
  readonly id!: string;

  @Field(() => DateTime, {
    description: "The time of the event, in UTC.",
  })
  readonly time!: string;

  @Field(() => TrainingJobEventLevel, {
    nullable: true,
    description: "The severity; null if ModelArts sends a level that this schema does not have.",
  })
  readonly level!: Level | null;

  @Field(() => TrainingJobEventSource, {
    nullable: true,
    description:
      "The component that wrote the event; null if ModelArts sends a source that this schema does not have.",
  })
  readonly source!: Source | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The level as ModelArts wrote it, even if `level` is null because the schema does not have it.",
  })
  readonly levelText!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The source as ModelArts wrote it, even if `source` is null because the schema does not have it.",
  })
  readonly sourceText!: string | null;

  @Registered({ toJson: messageJson })
  @Field(() => String, {
    description:
      "The text of the event, in the language of `X-Language` or `Accept-Language` if ModelArts has it.",
  })
  readonly message!: string;
}
