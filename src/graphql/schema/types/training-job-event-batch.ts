import { Field, ObjectType } from "type-graphql";
import { type EventBatch } from "../../live/follow-log.js";
import { TrainingJobEventEdge } from "./training-job-event-connection.js";

/** What a subscription is sent at a time; its values come ready as an {@link EventBatch}. */
@ObjectType({ simpleResolvers: true, description: "The next events of a log that is being followed." })
export class TrainingJobEventBatch implements EventBatch {
  @Field(() => [TrainingJobEventEdge], {
    description: "The events with their cursors, oldest first: 0 to 100. An empty batch is a heartbeat.",
  })
  readonly edges!: readonly TrainingJobEventEdge[];

  @Field(() => String, {
    nullable: true,
    description:
      "`after` for the next subscription, should this one break; null as long as nothing could be read.",
  })
  readonly endCursor!: string | null;

  @Field(() => Boolean, {
    description: "Whether at this moment the log holds nothing more; false while that cannot be found out.",
  })
  readonly caughtUp!: boolean;
}
