import { Field, ObjectType } from "type-graphql";
import { type EventBatch } from "../../live/follow-log.js";
import { TrainingJobEventEdge } from "./training-job-event-connection.js";

/** What a subscription is sent at a time; its values come ready as an {@link EventBatch}. */
@ObjectType({ simpleResolvers: true, description: "The next events of a log that a client follows." })
export class TrainingJobEventBatch implements EventBatch {
  @Field(() => [TrainingJobEventEdge], {
    description: "The events with their cursors, oldest first: 0 to 100. An empty batch is a heartbeat.",
  })
  readonly edges!: readonly TrainingJobEventEdge[];

  @Field(() => String, {
    nullable: true,
    description:
      "The value of `after` for a new subscription if this one breaks; null until something has been read.",
  })
  readonly endCursor!: string | null;

  @Field(() => Boolean, {
    description: "Whether the log has no further events at this moment; false while this is unknown.",
  })
  readonly caughtUp!: boolean;
}
