/** The values of `extensions.code` in the gateway's own errors. `extensions.retryable` is true if the same request can succeed later. */
export type GatewayErrorCode =
  /** An argument is invalid. No upstream call was made. Fix the argument. */
  | 'BAD_USER_INPUT'
  /** ModelArts no longer has the event of this cursor. Continue with `extensions.resumeCursor`, if it is not null. */
  | 'CURSOR_EXPIRED'
  /** The caller may not read the job (permissions, project, region or account), the document is not in the list of trusted documents, or the page's Origin is not allowed. */
  | 'FORBIDDEN'
  /** A fault of the gateway. Report the request ID. */
  | 'INTERNAL_SERVER_ERROR'
  /** The cursor or event ID is malformed or belongs to another job or project, or the cursor belongs to another filter. Start without it. */
  | 'INVALID_CURSOR'
  /** The depth, aliases, cost or size of the operation exceed the limit. Split the operation. */
  | 'OPERATION_TOO_COMPLEX'
  /** ModelArts or the gateway limits the request rate. Retry after `extensions.retryAfterMs`, if given. */
  | 'RATE_LIMITED'
  /** ModelArts has no training job with this ID. */
  | 'TRAINING_JOB_NOT_FOUND'
  /** Credentials are missing, expired or invalid. Get new credentials. */
  | 'UNAUTHENTICATED'
  /** ModelArts rejected a request that passed the gateway's own checks. */
  | 'UPSTREAM_BAD_REQUEST'
  /** The answer of ModelArts is not JSON, or does not have the documented form. */
  | 'UPSTREAM_INVALID_RESPONSE'
  /** ModelArts did not answer in time. */
  | 'UPSTREAM_TIMEOUT'
  /** ModelArts cannot be reached or fails, the circuit breaker is open, or the gateway is shutting down. */
  | 'UPSTREAM_UNAVAILABLE';

/** The severity of an event. */
export type TrainingJobEventLevel =
  /** A failure. */
  | 'ERROR'
  /** Progress. No action is needed. */
  | 'INFO'
  /** A condition that may need attention, such as a retry. */
  | 'WARNING';

/** The order of a list of events. Cursors are valid in both orders. */
export type TrainingJobEventOrder =
  /** The latest event comes first. */
  | 'NEWEST_FIRST'
  /** The earliest event comes first. */
  | 'OLDEST_FIRST';

/** The component that wrote an event. */
export type TrainingJobEventSource =
  /** The life cycle of the job as a whole. */
  | 'JOB'
  /** The Kubernetes cluster that runs the job: scheduling, images, pods. */
  | 'K8S'
  /** One task (worker) of the job. */
  | 'TASK';
