import { type BlockStore } from "../cache/block-store.js";
import { publish } from "../cache/channels.js";
import { type FlightLock } from "../cache/flight-lock.js";
import { grantKey, type Tenancy } from "../cache/keys.js";
import { GatewayError } from "../errors.js";
import { type Credentials, type ModelArtsClient, type TraceContext } from "../modelarts/client.js";
import { type PageRequest } from "../paging/arguments.js";
import { type EventPage, type PageNeeds } from "../paging/connection.js";
import { type JobRef } from "../paging/job.js";
import { type Language } from "../training-job-event.js";
import { FacetReader, type FacetReads } from "./facets/read-facets.js";
import { Grants } from "./store/grants.js";
import { type OffsetUnit } from "./geometry.js";
import {
  type SourcePart,
  type EventLog,
  type EventLogName,
  type PartRead,
  type ReadCall,
} from "./event-log.js";
import { LogBlocks } from "./store/log-blocks.js";
import { LogCounts } from "./store/log-counts.js";
import { type Lifetimes } from "./store/freshness.js";
import { LogCache } from "./store/log-cache.js";
import { LogFetch } from "./reading/log-fetch.js";
import { type NameLogs } from "./log-names.js";
import { OffsetUnitState } from "./offset-unit.js";
import { readPageWithRetries } from "./reading/page-with-retries.js";
import { callCounter, OperationCall } from "./operation-call.js";
import { OperationLoader } from "./operation-loader.js";
import { StaleIfError } from "./store/stale-if-error.js";
import { freshForMs, type Seal, sealOf, type SealDependencies } from "./store/seal.js";
import { UpstreamReader } from "./upstream-reader.js";
import { run } from "../common/maybe-async.js";

/** The dependencies for reading pages, shared by all operations of a process. */
export type EventsReaderParts = {
  readonly client: Pick<ModelArtsClient, "listEvents">;
  readonly store: BlockStore;
  readonly lock: FlightLock;
  readonly tenancy: Tenancy;
  /** Names the logs of the tenant. */
  readonly nameLogs: NameLogs;
  readonly lifetimes: Lifetimes;
  /** The limit of decoded parts that are kept in addition to the store, in bytes. */
  readonly decodedMaxBytes: number;
  readonly offset: OffsetUnit | "auto";
  /** The maximum number of upstream calls of one operation, without retries. */
  readonly maxUpstreamCalls: number;
  /** A clock, in milliseconds since the epoch. */
  readonly nowMs: () => number;
};

/** The parts of an operation that reading depends on. */
export type OperationInfo = {
  readonly requestId: string;
  /** The caller's trace, which is sent upstream. */
  readonly trace?: TraceContext | null;
  /** The caller's credentials; null if it sent none although the upstream needs them; an error if they are invalid. */
  readonly credentials: Credentials | GatewayError | null;
  readonly language: Language;
  /** The deadline of the operation. Its signal may be created at its first use. */
  readonly deadline: { readonly signal: AbortSignal; readonly deadlineMs: number };
  /** Called for each part of a log that is read for a page. */
  readonly onRead?: (read: PartRead) => void;
  /** The highest age of data for this caller, in milliseconds. Default, and null: the lifetime of the head. */
  readonly maxAgeMs?: number | null;
};

/** The reads of one operation. */
export type OperationReads = {
  /** Reads a page of a job's events; synchronously if all parts are in memory and fresh. */
  readonly readEvents: (
    job: JobRef,
    request: PageRequest,
    needs: PageNeeds,
  ) => EventPage | Promise<EventPage>;
  /** Counts the events of a page's filter. */
  readonly counts: FacetReads;
  /** The first jobs that were read, with repetitions, for logs. */
  readonly jobs: () => readonly JobRef[];
  /** The seal of all parts that were read so far; null if there are none, or if keeping the answer is not useful. */
  readonly seal: () => Seal | null;
  /**
   * How long all parts that were read so far stay fresh, in milliseconds; 0 if nothing was read, null if a part is
   * stale.
   */
  readonly freshForMs: () => number | null;
  /**
   * A text that is equal for operations with the same rights and the same language.
   * @throws GatewayError UNAUTHENTICATED
   */
  readonly viewer: () => string;
};

/** The maximum number of jobs that are noted for logs. */
const JOBS_MAX = 20;

/** Creates the reader of logs. Call the returned function once for each operation. */
export function createEventsReader(parts: EventsReaderParts): (operation: OperationInfo) => OperationReads {
  const { nowMs, maxUpstreamCalls, nameLogs } = parts;
  const { callerOf } = parts.tenancy;
  const facets = new FacetReader();
  const { blocks, counts, sealing } = createLogBlocks(parts);
  return ({ requestId, trace = null, credentials, language, deadline, onRead, maxAgeMs = null }) => {
    const sources: (SourcePart | null)[] = [];
    const jobs: JobRef[] = [];
    const report: ReadCall["report"] = (read, part) => {
      if (part !== null && isReported(sources, part)) return;
      sources.push(part);
      publish("gateway:cache:read", { requestId, ...read });
      onRead?.(read);
    };
    const call = new OperationCall(
      requestId,
      trace,
      nowMs(),
      maxAgeMs,
      deadline,
      report,
      callCounter(maxUpstreamCalls),
    );
    const reads = new OperationLoader(blocks, counts, call);
    const authenticate = (): Credentials => {
      if (credentials instanceof GatewayError) throw credentials;
      if (credentials !== null) return credentials;
      throw new GatewayError("UNAUTHENTICATED", "Send a ModelArts token in the X-Auth-Token header.");
    };
    const asCaller = (names: readonly EventLogName[]): EventLog[] => {
      const own = authenticate();
      const caller = callerOf(own.kind === "token" ? own.token : null);
      return names.map(({ tenant, prefix, headKey, request }) => {
        const { projectId, jobId } = request;
        if (jobs.length < JOBS_MAX) jobs.push(request);
        if (own.kind === "none" && own.mayRead?.(projectId) === false) {
          throw new GatewayError("FORBIDDEN", "The caller's JWT does not allow this project.");
        }
        const key = grantKey({ tenant, projectId, jobId }, caller);
        return { tenant, prefix, headKey, request, grantKey: key, caller, credentials: own };
      });
    };
    const through = { language, reads, nameLogs, asCaller };
    return {
      readEvents: (job, request, needs) => {
        if (needs.has("renewal")) call.renewalWait = "unlimited";
        return run(readPageWithRetries(through, job, request, needs));
      },
      counts: facets.through(through),
      jobs: () => jobs,
      seal: () => {
        const used = freshOnly(sources);
        return used === null || used.length === 0 ? null : sealOf(used, sealing);
      },
      viewer: () => {
        const own = authenticate();
        return `${language ?? "any"}/${callerOf(own.kind === "token" ? own.token : null)}`;
      },
      freshForMs: () => {
        const used = freshOnly(sources);
        return used === null ? null : freshForMs(used, sealing);
      },
    };
  };
}

function createLogBlocks({
  client,
  tenancy,
  store,
  lock,
  lifetimes,
  decodedMaxBytes,
  offset,
  nowMs,
}: EventsReaderParts) {
  const { headTtlMs, settledTtlMs, staleMs, staleWaitMs } = lifetimes;
  const unit = new OffsetUnitState(offset);
  const cache = new LogCache(store, lifetimes, decodedMaxBytes, nowMs);
  const grants = new Grants(store, client, Math.max(headTtlMs, settledTtlMs) + staleMs, nowMs);
  const upstream = new UpstreamReader(client, unit, nowMs);
  const fetch = new LogFetch({ cache, grants, lock, upstream, unit, nowMs });
  const sealing: SealDependencies = { tenancy, store, cache, grants, headTtlMs, nowMs };
  const staleIfError = new StaleIfError(grants, staleWaitMs, nowMs);
  const counts = new LogCounts({
    store,
    cache,
    grants,
    lock,
    upstream,
    unit,
    staleIfError,
    lifetimes,
    nowMs,
  });
  return { counts, blocks: new LogBlocks(cache, grants, fetch, staleIfError, unit, nowMs), sealing };
}

/** The parts that were read; null if one of them is stale. */
function freshOnly(sources: readonly (SourcePart | null)[]): SourcePart[] | null {
  const fresh = sources.filter((part) => part !== null);
  return fresh.length < sources.length ? null : fresh;
}

/** Whether this reading was already reported to the operation. Each of its fields reads parts in memory again. */
function isReported(sources: readonly (SourcePart | null)[], { log, part, readAtMs }: SourcePart): boolean {
  return sources.some(
    (other) => other?.part === part && other.readAtMs === readAtMs && other.log.prefix === log.prefix,
  );
}
