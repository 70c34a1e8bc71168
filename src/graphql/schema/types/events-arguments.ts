import { ArgsType, Field, InputType, Int } from "type-graphql";
import {
  type EventsArguments,
  type Order,
  type PageInput as PageArguments,
} from "../../../paging/arguments.js";
import { TrainingJobEventOrder } from "./event-enums.js";
import { TrainingJobEventFilter } from "./training-job-event-filter.js";

const FIRST = "The page is this many events at the start: 0 to 100. Neither `first` nor `last` means 50.";
const AFTER = "Only what comes after the event with this cursor.";
const LAST = "The page is this many events at the end: 0 to 100. Not together with `first`.";
const BEFORE = "Only what comes before the event with this cursor.";

/** The paging arguments as one object. */
@InputType({ description: "Relay's paging arguments as one object." })
export class PageInput implements PageArguments {
  @Field(() => Int, { nullable: true, description: FIRST })
  readonly first?: number | null;

  @Field(() => String, { nullable: true, description: AFTER })
  readonly after?: string | null;

  @Field(() => Int, { nullable: true, description: LAST })
  readonly last?: number | null;

  @Field(() => String, { nullable: true, description: BEFORE })
  readonly before?: string | null;
}

/** Arguments of `TrainingJob.events`, checked by `parseEventsArguments`. */
@ArgsType()
export class EventsArgs implements EventsArguments {
  @Field(() => TrainingJobEventFilter, {
    nullable: true,
    description: "Which events to list; all when left out.",
  })
  readonly filter?: TrainingJobEventFilter | null;

  @Field(() => TrainingJobEventOrder, {
    defaultValue: TrainingJobEventOrder.NEWEST_FIRST,
    description: "The order of the list, and so what `first`, `after`, `last` and `before` mean.",
  })
  readonly order!: Order;

  @Field(() => PageInput, {
    nullable: true,
    description: "Which page of the list, as one object; not together with the flat arguments.",
  })
  readonly page?: PageInput | null;

  @Field(() => Int, { nullable: true, description: FIRST })
  readonly first?: number | null;

  @Field(() => String, { nullable: true, description: AFTER })
  readonly after?: string | null;

  @Field(() => Int, { nullable: true, description: LAST })
  readonly last?: number | null;

  @Field(() => String, { nullable: true, description: BEFORE })
  readonly before?: string | null;
}
