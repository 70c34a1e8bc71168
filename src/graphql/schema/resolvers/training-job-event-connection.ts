import type { GraphQLResolveInfo } from "graphql";
import { Args, Ctx, Directive, FieldResolver, Info, Resolver, Root } from "type-graphql";
import { type Bucket, type LevelCount, type SourceCount } from "../../../event-log/facets/facet-rows.js";
import { type PageRequest } from "../../../paging/arguments.js";
import type { EventPage } from "../../../paging/connection.js";
import { logCountOf } from "../../../paging/filter.js";
import {
  type HistogramArguments,
  type HistogramRequest,
  parseHistogram,
  priceOfBuckets,
} from "../../../paging/histogram.js";
import { LEVELS, SOURCES } from "../../../training-job-event.js";
import type { OperationContext } from "../../context.js";
import { Registered } from "../../plan/field-spec.js";
import { readField } from "../../plan/needs.js";
import { priceOfCounts } from "../../cost/price.js";
import {
  HistogramArgs,
  TrainingJobEventBucket,
  TrainingJobEventLevelCount,
  TrainingJobEventSourceCount,
} from "../types/training-job-event-counts.js";
import { TrainingJobEventConnection } from "../types/training-job-event-connection.js";

type Eventually<T> = T | Promise<T>;

const countByLevelField = {
  needs: "counts" as const,
  parse: () => null,
  price: (_request: null, page: unknown) =>
    priceOfCounts(page as PageRequest | undefined, { levels: null }, "by-level", LEVELS.length),
  read: (
    { list }: EventPage,
    _request: null,
    { counts }: OperationContext,
  ): Eventually<readonly LevelCount[]> => counts.byLevel(list),
};

const countBySourceField = {
  needs: "counts" as const,
  parse: () => null,
  price: (_request: null, page: unknown) =>
    priceOfCounts(page as PageRequest | undefined, { sources: null }, "by-source", SOURCES.length),
  read: (
    { list }: EventPage,
    _request: null,
    { counts }: OperationContext,
  ): Eventually<readonly SourceCount[]> => counts.bySource(list),
};

const histogramField = {
  needs: "counts" as const,
  parse: (args: HistogramArguments): HistogramRequest => parseHistogram(args),
  price: (request: HistogramRequest, above: unknown) => {
    const page = above as PageRequest | undefined;
    const logs = page === undefined ? 1 : logCountOf(page.filter);
    return priceOfCounts(page, {}, JSON.stringify(request), priceOfBuckets(request.buckets, logs));
  },
  read: (
    { list }: EventPage,
    request: HistogramRequest,
    { counts }: OperationContext,
  ): Eventually<readonly Bucket[]> => counts.byTime(list, request),
};

/** The fields of a page that contain counts. */
@Resolver(() => TrainingJobEventConnection)
export class TrainingJobEventConnectionResolver {
  @Registered(countByLevelField)
  @Directive("@cost(weight: 3)")
  @Directive("@listSize(assumedSize: 4)")
  @FieldResolver(() => [TrainingJobEventLevelCount], {
    description:
      "The number of events of each level that match the filter without its `levels`. Lists all levels of the enum, and " +
      "then `level: null` if there are events of an unknown level.",
  })
  countByLevel(
    @Root() page: EventPage,
    @Ctx() context: OperationContext,
    @Info() info: GraphQLResolveInfo,
  ): Eventually<readonly LevelCount[]> {
    return readField(countByLevelField, page, {}, context, info);
  }

  @Registered(countBySourceField)
  @Directive("@cost(weight: 3)")
  @Directive("@listSize(assumedSize: 4)")
  @FieldResolver(() => [TrainingJobEventSourceCount], {
    description:
      "The number of events of each source that match the filter without its `sources`. Lists all sources of the enum, " +
      "and then `source: null` if there are events of an unknown source.",
  })
  countBySource(
    @Root() page: EventPage,
    @Ctx() context: OperationContext,
    @Info() info: GraphQLResolveInfo,
  ): Eventually<readonly SourceCount[]> {
    return readField(countBySourceField, page, {}, context, info);
  }

  @Registered(histogramField)
  @Directive("@cost(weight: 30)")
  @Directive('@listSize(slicingArguments: ["buckets"], requireOneSlicingArgument: false)')
  @FieldResolver(() => [TrainingJobEventBucket], {
    description:
      "The number of events that match the filter, in time buckets of equal width, including empty buckets. The list " +
      "is empty if there are no events from which a missing `start` or `end` could be taken. Each combination of a " +
      "level and a source in the filter is counted separately. For long logs, the number of combinations times " +
      "`buckets` must be at most 60; otherwise the error OPERATION_TOO_COMPLEX says how many buckets are possible.",
  })
  histogram(
    @Root() page: EventPage,
    @Args(() => HistogramArgs) args: HistogramArgs,
    @Ctx() context: OperationContext,
    @Info() info: GraphQLResolveInfo,
  ): Eventually<readonly Bucket[]> {
    return readField(histogramField, page, args, context, info);
  }
}
