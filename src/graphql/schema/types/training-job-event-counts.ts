import { ArgsType, Field, Int, ObjectType } from "type-graphql";
import { BUCKETS_DEFAULT, type HistogramArguments } from "../../../paging/histogram.js";
import { type Level, type Source } from "../../../training-job-event.js";
import { DateTime } from "./date-time.js";
import { TrainingJobEventLevel, TrainingJobEventSource } from "./event-enums.js";

@ObjectType({ simpleResolvers: true, description: "The number of events of one level." })
export class TrainingJobEventLevelCount {
  @Field(() => TrainingJobEventLevel, {
    nullable: true,
    description: "The level; null for the sum of all levels that this schema does not have.",
  })
  readonly level!: Level | null;

  @Field(() => Int, { description: "The number of events." })
  readonly count!: number;
}

@ObjectType({ simpleResolvers: true, description: "The number of events of one source." })
export class TrainingJobEventSourceCount {
  @Field(() => TrainingJobEventSource, {
    nullable: true,
    description: "The source; null for the sum of all sources that this schema does not have.",
  })
  readonly source!: Source | null;

  @Field(() => Int, { description: "The number of events." })
  readonly count!: number;
}

@ObjectType({ simpleResolvers: true, description: "The number of events within one part of a time range." })
export class TrainingJobEventBucket {
  @Field(() => DateTime, { description: "The start of the bucket, inclusive." })
  readonly start!: string;

  @Field(() => DateTime, { description: "The end of the bucket, exclusive." })
  readonly end!: string;

  @Field(() => Int, { description: "The number of events in the bucket." })
  readonly count!: number;
}

/** Arguments of `TrainingJobEventConnection.histogram`, checked by `parseHistogram`. */
@ArgsType()
export class HistogramArgs implements HistogramArguments {
  @Field(() => Int, { defaultValue: BUCKETS_DEFAULT, description: "The number of buckets: 1 to 60." })
  readonly buckets!: number;

  @Field(() => DateTime, {
    nullable: true,
    description: "The start of the first bucket; by default the time of the first event.",
  })
  readonly start?: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: "The end of the last bucket; by default shortly after the time of the last event.",
  })
  readonly end?: Date | null;
}
