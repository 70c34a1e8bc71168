import { type GraphQLResolveInfo, locatedError, responsePathAsArray } from "graphql";
import { Args, Resolver, Root, type SubscribeResolverData, Subscription } from "type-graphql";
import {
  type PageRequest,
  parseStreamArguments,
  type StreamArguments,
  type StreamStart,
} from "../../../paging/arguments.js";
import { type JobRef } from "../../../paging/job.js";
import { type LiveContext, type OperationContext } from "../../context.js";
import { type EventBatch, followLog, type StreamRead } from "../../live/follow-log.js";
import { type ArgumentScope, Registered } from "../../plan/field-spec.js";
import { priceOfPage } from "../../price.js";
import { jobRefOf, nameTrainingJob, type TrainingJobSource } from "../../training-job.js";
import { type TrainingJobArgs } from "../types/training-job-arguments.js";
import { TrainingJobEventBatch } from "../types/training-job-event-batch.js";
import { TrainingJobEventsArgs } from "../types/training-job-events-arguments.js";

type StreamRequest = { readonly job: TrainingJobSource; readonly start: StreamStart };

/** `Subscription.trainingJobEvents`: priced as its first page. */
const trainingJobEventsField = {
  parse: (args: TrainingJobArgs & StreamArguments, { defaultProjectId }: ArgumentScope): StreamRequest => ({
    job: nameTrainingJob(args.id, args.projectId, defaultProjectId),
    start: parseStreamArguments(args),
  }),
  jobs: ({ job }: StreamRequest) => ({ named: 1, jobs: () => [job] }),
  price: ({ start }: StreamRequest) => priceOfPage(start.page),
};

/** The way to follow a log. */
@Resolver()
export class TrainingJobEventsResolver {
  @Registered(trainingJobEventsField)
  @Subscription(() => TrainingJobEventBatch, {
    description:
      "Follows the log of a job: first the existing events after `after` (or the newest `last` events), then each " +
      "new event, exactly once and in order, oldest first.",
    subscribe: subscribeToEvents,
  })
  trainingJobEvents(
    @Args(() => TrainingJobEventsArgs) _args: TrainingJobEventsArgs,
    @Root() batch: EventBatch,
  ): EventBatch {
    return batch;
  }
}

/** @throws GatewayError BAD_USER_INPUT */
function subscribeToEvents({
  args: given,
  context,
  info,
}: SubscribeResolverData<unknown, TrainingJobEventsArgs, LiveContext>): AsyncIterable<EventBatch> {
  const { job: source, start } = trainingJobEventsField.parse(given, context);
  const job = jobRefOf(source);
  const { live } = context;
  let { cache } = context;
  const read = async (page: PageRequest): Promise<StreamRead> => {
    const begun = await live.begin(live.signal);
    ({ cache } = begun.context);
    try {
      return await readPage(begun.context, job, page);
    } finally {
      begun.end();
    }
  };
  const batches = followLog({ ...live, read }, start);
  return reportBatches(batches, info, (batch) => {
    live.onBatch(batch.edges.length, cache);
  });
}

async function readPage(
  { readEvents, freshForMs }: OperationContext,
  job: JobRef,
  page: PageRequest,
): Promise<StreamRead> {
  return { page: await readEvents(job, page, true), freshForMs: freshForMs() };
}

/** Tells of each batch, and gives errors the place in the document that graphql-js gives only to those at the start. */
async function* reportBatches(
  batches: AsyncIterable<EventBatch>,
  info: GraphQLResolveInfo,
  onBatch: (batch: EventBatch) => void,
): AsyncGenerator<EventBatch, void> {
  try {
    for await (const batch of batches) {
      onBatch(batch);
      yield batch;
    }
  } catch (error) {
    throw locatedError(error, info.fieldNodes, responsePathAsArray(info.path));
  }
}
