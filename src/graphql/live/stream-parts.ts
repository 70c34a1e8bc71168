import { type WatchLogs } from "../../event-log/log-watch.js";
import { type PageNeed, type PageNeeds } from "../../paging/connection.js";
import { type PageRequest } from "../../paging/arguments.js";
import { type JobRef } from "../../paging/job.js";
import { type CacheReport, type OperationContext } from "../context.js";
import { jobRefOf, type TrainingJobSource } from "../training-job.js";
import { type EventBatch } from "./event-batch.js";
import { type LiveResult } from "./live-call.js";
import { type StreamReads, type StreamSubject } from "./next-batch.js";
import { type Clock, type StreamPace } from "./pace.js";

/** A batch is read once for all subscriptions of its log, with all values that they can select. */
const NEEDS: PageNeeds = new Set<PageNeed>(["cursors", "ids", "renewal"]);

/** The dependencies that all streams of a process share. */
export type StreamParts = {
  readonly clock: Clock;
  readonly pace: StreamPace;
  readonly watch: WatchLogs;
};

/** Writes batches for all subscriptions with the same selection: each batch once. */
export type SharedWriter = {
  readonly write: (batch: EventBatch, cache: CacheReport) => LiveResult;
};

/** Writes batches for one subscription whose selection needs more than the batch: graphql-js executes each batch. */
export type OwnWriter = {
  readonly execute: (batch: EventBatch, context: OperationContext) => Promise<LiveResult>;
};

/** The request of a subscription. */
export type StreamRequest = {
  readonly subject: StreamSubject;
  readonly writer: SharedWriter | OwnWriter;
};

export function isShared(writer: SharedWriter | OwnWriter): writer is SharedWriter {
  return "write" in writer;
}

/** Reads the pages of a job within one operation. */
export function readsOf(context: OperationContext, job: TrainingJobSource): StreamReads {
  const ref: JobRef = jobRefOf(job);
  return {
    readPage: (page: PageRequest) => context.readEvents(ref, page, NEEDS),
    freshForMs: () => context.freshForMs(),
  };
}
