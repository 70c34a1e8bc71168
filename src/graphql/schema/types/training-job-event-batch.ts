import { Field, Int, ObjectType } from "type-graphql";
import { type EventBatch } from "../../live/event-batch.js";
import { DateTime } from "./date-time.js";
import { TrainingJob } from "./training-job.js";
import { TrainingJobEventEdge } from "./training-job-event-connection.js";

/** One result of a subscription; an {@link EventBatch} already contains all values. */
@ObjectType({ simpleResolvers: true, description: "The next events of a log that a client follows." })
export class TrainingJobEventBatch implements EventBatch {
  @Field(() => [TrainingJobEventEdge], {
    description: "The events with their cursors, oldest first: 0 to 100. An empty batch is a heartbeat.",
  })
  readonly edges!: readonly TrainingJobEventEdge[];

  @Field(() => String, {
    nullable: true,
    description:
      "The value of `after` for a new subscription if this one ends; null until the log has been read once.",
  })
  readonly endCursor!: string | null;

  @Field(() => Boolean, {
    description: "Whether the log has no further events at this moment; false while this is unknown.",
  })
  readonly caughtUp!: boolean;

  @Field(() => Int, {
    description:
      "The known number of late events that this stream does not send: those that are not among the newest 100 events " +
      "of the log, and those that it cannot identify because they arrived while it was interrupted or while it read " +
      "the log. Usually 0. Pages show them.",
  })
  readonly missed!: number;

  @Field(() => [TrainingJobEventEdge], {
    description:
      "Late events, oldest first. Their place in the log is before the position that the stream has already reached. " +
      "Only late events among the newest 100 events of the log are sent; `missed` counts the others.",
  })
  readonly lateEdges!: readonly TrainingJobEventEdge[];

  @Field(() => DateTime, {
    description: "The time of the reading: the batch shows the log as it was at this time.",
  })
  readonly asOf!: string;

  @Field(() => Boolean, {
    description:
      "True if ModelArts fails or does not answer in time, and the data is older than its normal lifetime.",
  })
  readonly isStale!: boolean;

  @Field(() => TrainingJob, { description: "The job whose events are followed." })
  readonly trainingJob!: TrainingJob;
}
