import { ArgsType, Field, ID, InputType, Int } from "type-graphql";
import {
  type EventsArguments,
  type Order,
  type PageInput as PageArguments,
} from "../../../paging/arguments.js";
import { DateTime } from "./date-time.js";
import { TrainingJobEventOrder } from "./event-enums.js";
import { TrainingJobEventFilter } from "./training-job-event-filter.js";

const FIRST =
  "The number of events from the start of the list: 0 to 100. Default 50, if `last` is not given.";
const AFTER = "Only events after the event with this cursor. An empty string means no cursor.";
const LAST = "The number of events from the end of the list: 0 to 100. Not together with `first`.";
const BEFORE = "Only events before the event with this cursor. An empty string means no cursor.";
const AROUND_TIME =
  "Requests `first` events around this time. Half of them (rounded down) come before this time in the order of the " +
  "list; if one side has too few events, the other side gets more. Events at exactly this time count as after it. Not " +
  "together with `aroundEvent`, `after`, `before` or `last`.";
const AROUND_EVENT =
  "Requests `first` events around the event with this `id`. Half of them (rounded down) come before this event in the " +
  "list; if one side has too few events, the other side gets more. If the filter excludes this event, the page is " +
  "around its time. The ID may come from a page with any filter of the same job. Not together with `aroundTime`, " +
  "`after`, `before` or `last`.";

/**
 * The name contains the type of the list, because composition would merge a general name with inputs of other
 * subgraphs.
 */
@InputType({ description: "The paging arguments of `TrainingJob.events` as one object." })
export class TrainingJobEventPageInput implements PageArguments {
  @Field(() => Int, { nullable: true, description: FIRST })
  readonly first?: number | null;

  @Field(() => String, { nullable: true, description: AFTER })
  readonly after?: string | null;

  @Field(() => Int, { nullable: true, description: LAST })
  readonly last?: number | null;

  @Field(() => String, { nullable: true, description: BEFORE })
  readonly before?: string | null;

  @Field(() => DateTime, { nullable: true, description: AROUND_TIME })
  readonly aroundTime?: Date | null;

  @Field(() => ID, { nullable: true, description: AROUND_EVENT })
  readonly aroundEvent?: string | null;
}

/** Arguments of `TrainingJob.events`, checked by `parseEventsArguments`. */
@ArgsType()
export class EventsArgs implements EventsArguments {
  @Field(() => TrainingJobEventFilter, {
    nullable: true,
    description: "The events to list; all events if not given.",
  })
  readonly filter?: TrainingJobEventFilter | null;

  @Field(() => TrainingJobEventOrder, {
    nullable: true,
    defaultValue: TrainingJobEventOrder.NEWEST_FIRST,
    description:
      "The order of the list, to which `first`, `after`, `last` and `before` refer. Null means NEWEST_FIRST.",
  })
  readonly order?: Order | null;

  @Field(() => TrainingJobEventPageInput, {
    nullable: true,
    description: "The paging arguments as one object. Not together with the flat arguments.",
  })
  readonly page?: TrainingJobEventPageInput | null;

  @Field(() => Int, { nullable: true, description: FIRST })
  readonly first?: number | null;

  @Field(() => String, { nullable: true, description: AFTER })
  readonly after?: string | null;

  @Field(() => Int, { nullable: true, description: LAST })
  readonly last?: number | null;

  @Field(() => String, { nullable: true, description: BEFORE })
  readonly before?: string | null;

  @Field(() => DateTime, { nullable: true, description: AROUND_TIME })
  readonly aroundTime?: Date | null;

  @Field(() => ID, { nullable: true, description: AROUND_EVENT })
  readonly aroundEvent?: string | null;
}
