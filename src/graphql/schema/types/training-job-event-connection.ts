import { Field, Int, ObjectType } from "type-graphql";
import { type EventConnection, type EventEdge } from "../../../paging/connection.js";
import { Registered } from "../../plan/field-spec.js";
import { DateTime } from "./date-time.js";
import { PageInfo } from "./page-info.js";
import { TrainingJobEvent } from "./training-job-event.js";

/** An event and its cursor. */
@ObjectType({ simpleResolvers: true, description: "An event and its cursor." })
export class TrainingJobEventEdge implements EventEdge {
  @Registered({ needs: "cursors", isPlainText: true })
  @Field(() => String, {
    description:
      "An opaque position in the list, for `after` and `before`. The same event under the same filter and language " +
      "has the same cursor in both orders, as long as its log only grows at the end. With several levels or sources " +
      "in the filter, the cursor can also change if events of other levels or sources are written in the same second. " +
      "It can be used as a key within one list.",
  })
  readonly cursor!: string;

  @Field(() => TrainingJobEvent, { description: "The event." })
  readonly node!: TrainingJobEvent;
}

/** One page; an {@link EventConnection} already contains all values. */
@ObjectType({ simpleResolvers: true, description: "One page of a training job's events." })
export class TrainingJobEventConnection implements EventConnection {
  @Field(() => [TrainingJobEventEdge], { description: "The page's events with their cursors." })
  readonly edges!: readonly TrainingJobEventEdge[];

  @Field(() => [TrainingJobEvent], { description: "The page's events without cursors." })
  readonly nodes!: readonly TrainingJobEvent[];

  @Field(() => PageInfo, { description: "The position of the page in the list." })
  readonly pageInfo!: PageInfo;

  @Field(() => Int, { description: "The number of all events that match the filter, on all pages." })
  readonly totalCount!: number;

  @Field(() => DateTime, {
    description:
      "The time of the reading: the page shows the log as it was at this time. At most `CACHE_HEAD_TTL_MS` ago, unless " +
      "`isStale` is true.",
  })
  readonly asOf!: string;

  @Field(() => Boolean, {
    description: "True if ModelArts fails or is slow and the page is older than its normal lifetime.",
  })
  readonly isStale!: boolean;
}
