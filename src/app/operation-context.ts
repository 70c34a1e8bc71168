import { type GatewayError } from "../errors.js";
import { type PartRead } from "../event-log/event-log.js";
import { type OperationInfo, type OperationReads } from "../event-log/events-reader.js";
import { type OperationContext } from "../graphql/context.js";
import { memoizeReads } from "../graphql/memoized-reads.js";
import { ALLOWED } from "../http/caller-authorization.js";
import { type RequestInfo } from "../http/request/request-info.js";
import { type Credentials } from "../modelarts/client.js";
import { type Settings } from "../settings/settings.js";

/** Returns a function that makes the context of one operation from its request. */
export function createOperationContexts(
  settings: Settings,
  readerOf: (operation: OperationInfo) => OperationReads,
  nowMs: () => number,
): (info: RequestInfo) => OperationContext {
  return ({
    requestId,
    trace,
    language: wanted,
    deadline,
    authToken,
    authorization,
    asksForCache,
    maxAgeMs,
  }) => {
    const reads: PartRead[] = [];
    const credentials = credentialsOf(settings, authToken, authorization);
    const onRead = (read: PartRead) => reads.push(read);
    const language = wanted ?? settings.DEFAULT_LANGUAGE;
    const operation = { requestId, trace, language, deadline, credentials, onRead, maxAgeMs };
    const { readEvents, counts, jobs, seal, freshForMs, viewer } = readerOf(operation);
    return memoizeReads({
      requestId,
      language,
      defaultProjectId: settings.MODELARTS_PROJECT_ID,
      singleProject: settings.SINGLE_PROJECT,
      cache: { reads, isShown: settings.CACHE_DEBUG && asksForCache },
      readEvents,
      counts,
      jobs,
      seal,
      authorizedUntilMs: authorization.untilMs,
      viewer,
      // A client may not keep a page for longer than its credentials are known to be valid.
      freshForMs:
        authorization === ALLOWED ? freshForMs : () => atMost(authorization.untilMs - nowMs(), freshForMs()),
    });
  };
}

function atMost(limitMs: number, lifeMs: number | null): number | null {
  return lifeMs === null ? null : Math.max(0, Math.min(limitMs, lifeMs));
}

/** The credentials for ModelArts; null or an error if the caller must send a token and did not send a valid one. */
function credentialsOf(
  { MODELARTS_AUTH: auth }: Settings,
  authToken: RequestInfo["authToken"],
  { refusal, caller, projects }: RequestInfo["authorization"],
): Credentials | GatewayError | null {
  if (auth !== "passthrough") {
    return (
      refusal ?? {
        kind: "none",
        ...(caller === undefined ? {} : { caller }),
        ...(projects === undefined ? {} : { mayRead: projects.has }),
      }
    );
  }
  return typeof authToken === "string" ? { kind: "token", token: authToken } : authToken;
}
