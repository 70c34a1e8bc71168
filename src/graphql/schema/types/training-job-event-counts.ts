import { ArgsType, Field, Int, ObjectType } from "type-graphql";
import { BUCKETS_DEFAULT, type HistogramArguments } from "../../../paging/histogram.js";
import { type Level, type Source } from "../../../training-job-event.js";
import { DateTime } from "./date-time.js";
import { TrainingJobEventLevel, TrainingJobEventSource } from "./event-enums.js";

@ObjectType({ simpleResolvers: true, description: "How many events have a level." })
export class TrainingJobEventLevelCount {
  @Field(() => TrainingJobEventLevel, {
    nullable: true,
    description: "The level; null for all levels together that this schema does not know.",
  })
  readonly level!: Level | null;

  @Field(() => Int, { description: "How many events have it." })
  readonly count!: number;
}

@ObjectType({ simpleResolvers: true, description: "How many events have a source." })
export class TrainingJobEventSourceCount {
  @Field(() => TrainingJobEventSource, {
    nullable: true,
    description: "The source; null for all sources together that this schema does not know.",
  })
  readonly source!: Source | null;

  @Field(() => Int, { description: "How many events have it." })
  readonly count!: number;
}

@ObjectType({ simpleResolvers: true, description: "How many events happened within a part of time." })
export class TrainingJobEventBucket {
  @Field(() => DateTime, { description: "The beginning, which is part of the bucket." })
  readonly start!: string;

  @Field(() => DateTime, { description: "The end, which is not part of the bucket." })
  readonly end!: string;

  @Field(() => Int, { description: "How many events happened within it." })
  readonly count!: number;
}

/** Arguments of `TrainingJobEventConnection.histogram`, checked by `parseHistogram`. */
@ArgsType()
export class HistogramArgs implements HistogramArguments {
  @Field(() => Int, { defaultValue: BUCKETS_DEFAULT, description: "How many buckets: 1 to 60." })
  readonly buckets!: number;

  @Field(() => DateTime, {
    nullable: true,
    description: "The beginning of the first bucket; by default the time of the first event.",
  })
  readonly start?: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: "The end of the last bucket; by default just after the time of the last event.",
  })
  readonly end?: Date | null;
}
