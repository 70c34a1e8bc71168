import { Field, Int, ObjectType } from "type-graphql";
import { type EventBatch } from "../../live/event-batch.js";
import { DateTime } from "./date-time.js";
import { TrainingJob } from "./training-job.js";
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

  @Field(() => Int, {
    description:
      "How many events are known to have arrived with a time so far in the past that they are not sent here. " +
      "Mostly 0. Pages show these events.",
  })
  readonly missed!: number;

  @Field(() => [TrainingJobEventEdge], {
    description:
      "Events that arrived with a time before events that were already sent, oldest first. They belong further down " +
      "the list. Only those among the newest 100 events of the log are sent; `missed` counts the others.",
  })
  readonly lateEdges!: readonly TrainingJobEventEdge[];

  @Field(() => DateTime, { description: "The batch is true to the log as it was at this moment." })
  readonly asOf!: string;

  @Field(() => Boolean, {
    description: "Whether the log could not be read within its lifetime because ModelArts fails.",
  })
  readonly isStale!: boolean;

  @Field(() => TrainingJob, { description: "The job whose events are followed." })
  readonly trainingJob!: TrainingJob;
}
