/** What `extensions.code` of the gateway's own errors can be; `extensions.retryable` says whether the same request may succeed later. */
export type GatewayErrorCode =
  /** An argument is out of its range. Nothing was asked of the upstream; mend the argument. */
  | 'BAD_USER_INPUT'
  /** The upstream no longer has the event of this cursor. Go on from `extensions.resumeCursor`, if there is one. */
  | 'CURSOR_EXPIRED'
  /** The upstream refuses this caller: permissions, project, region or account. */
  | 'FORBIDDEN'
  /** A fault of the gateway. Report the request ID. */
  | 'INTERNAL_SERVER_ERROR'
  /** The cursor is malformed, or belongs to another filter, job or project. Start without it. */
  | 'INVALID_CURSOR'
  /** Depth, aliases, cost or size of the operation are over the limit. Split it. */
  | 'OPERATION_TOO_COMPLEX'
  /** The upstream or the gateway throttles. Wait `extensions.retryAfterMs` where it is given. */
  | 'RATE_LIMITED'
  /** The upstream knows no training job with this ID. */
  | 'TRAINING_JOB_NOT_FOUND'
  /** Credentials are missing, expired or invalid. Get new ones. */
  | 'UNAUTHENTICATED'
  /** The upstream refuses a request that the gateway held for good. */
  | 'UPSTREAM_BAD_REQUEST'
  /** The upstream's answer is not JSON, or JSON of another shape than documented. */
  | 'UPSTREAM_INVALID_RESPONSE'
  /** The upstream gave no answer in time. */
  | 'UPSTREAM_TIMEOUT'
  /** The upstream cannot be reached, fails, or is being spared after many failures. */
  | 'UPSTREAM_UNAVAILABLE';

/** How severe an event is. */
export type TrainingJobEventLevel =
  /** A failure. */
  | 'ERROR'
  /** Progress that asks for nothing. */
  | 'INFO'
  /** Something that may need attention, such as a retry. */
  | 'WARNING';

/** The order of a connection's list. Cursors are good in both. */
export type TrainingJobEventOrder =
  /** The latest event comes first. */
  | 'NEWEST_FIRST'
  /** The earliest event comes first. */
  | 'OLDEST_FIRST';

/** What wrote an event. */
export type TrainingJobEventSource =
  /** The life cycle of the job as a whole. */
  | 'JOB'
  /** The Kubernetes cluster that runs the job: scheduling, images, pods. */
  | 'K8S'
  /** One task (worker) of the job. */
  | 'TASK';
