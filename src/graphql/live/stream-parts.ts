import { type WatchLogs } from "../../event-log/log-watch.js";
import { type PageNeed, type PageNeeds } from "../../paging/connection.js";
import { type PageRequest } from "../../paging/arguments.js";
import { type JobRef } from "../../paging/job.js";
import { type CacheReport, type OperationContext } from "../context.js";
import { jobRefOf, type TrainingJobSource } from "../training-job.js";
import { type EventBatch } from "./event-batch.js";
import { type LiveResult } from "./live-call.js";
import { type StreamReads, type StreamSubject } from "./next-batch.js";
import { type Clock, type StreamPace } from "./patience.js";

/** A batch is read once for all subscriptions of its log, with all values that they can select. */
const NEEDS: PageNeeds = new Set<PageNeed>(["cursors", "ids", "renewal"]);

/** The dependencies that all streams of a process share. */
export type StreamParts = {
  readonly clock: Clock;
  readonly pace: StreamPace;
  readonly watch: WatchLogs;
};

/** The subscriptions with the same selection. Each batch is written once for all of them. */
export type SharedAudience = {
  readonly write: (batch: EventBatch, cache: CacheReport) => LiveResult;
};

/** A subscription whose selection needs more than the batch. graphql-js executes each batch for it alone. */
export type OwnAudience = {
  readonly execute: (batch: EventBatch, context: OperationContext) => Promise<LiveResult>;
};

/** The request of a subscription. */
export type StreamRequest = {
  readonly subject: StreamSubject;
  readonly audience: SharedAudience | OwnAudience;
};

export function isShared(audience: SharedAudience | OwnAudience): audience is SharedAudience {
  return "write" in audience;
}

/** Reads the pages of a job within one operation. */
export function readsOf(context: OperationContext, job: TrainingJobSource): StreamReads {
  const ref: JobRef = jobRefOf(job);
  return {
    readPage: (page: PageRequest) => context.readEvents(ref, page, NEEDS),
    freshForMs: () => context.freshForMs(),
  };
}
