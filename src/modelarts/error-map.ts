import { type UpstreamErrorCode } from "./upstream-error.js";

/**
 * Maps upstream error codes to gateway codes, regardless of the status. The status misleads: a missing job is a 400, a
 * project that differs from the token's is a 404, and an invalid token of the training service is a 403. For a code
 * that is not in this table, the status decides (see {@link codeOfStatus}). Several codes come with more than one
 * status. `APIGW` (cloud services) and `APIG` (tenants' gateways) share their numbers and are written `APIGW` here.
 */
const MEANINGS = {
  TRAINING_JOB_NOT_FOUND: [
    "ModelArts.2775", // TrainingJobNotFound
    "ModelArts.2842", // TrainingExperimentNotFound, whose text says that the training job is not found
  ],
  UNAUTHENTICATED: [
    "ModelArts.0201", // no token
    "ModelArts.0202", // token expired
    "ModelArts.0203", // token invalid; 401 and 403
    "ModelArts.0204", // token of a domain, not of a project (400), or unreadable (401)
    "ModelArts.0205", // Authorization header missing
    "ModelArts.0206", // Authorization header malformed (401), AK/SK invalid (403)
    "ModelArts.0207", // token of another region
    "ModelArts.0208", // Authorization check failed
    "ModelArts.0212", // token without project
    "ModelArts.2784", // InvalidToken of the training service; 403
    "APIGW.0301", // token or signature wrong, AK locked
    "APIGW.0303", // app credentials wrong
    "APIGW.0305", // refused by a custom authoriser
    "APIGW.0307", // token to be renewed, or of another region
    "APIGW.0311", // debugging credentials wrong
  ],
  FORBIDDEN: [
    "ModelArts.0108", // not authorised for the operation
    "ModelArts.0112", // policy of the workspace; 401 and 403
    "ModelArts.0428", // no agency set up; 400 and 401. New credentials of the same account would not help
    "ModelArts.2771", // NotHavePermission; 400
    "ModelArts.2785", // AuthorizationNotFound: the account has not authorised ModelArts
    "ModelArts.2786", // TokenProjectIDNotMatch; 404
    "ModelArts.2804", // InsufficientPermissionToAuthorize; 400
    "ModelArts.2823", // DomainIdNotMatched: the policy refuses; 400
    "ModelArts.2837", // FrozenAccount; 400
    "ModelArts.2838", // WorkspacePolicyLimit; 400
    "ModelArts.2891", // WorkspaceSetError: no access to the workspace; 400
    "ModelArts.6201", // account suspended; 401
    "ModelArts.6203", // account restricted; 401
    "APIGW.0302", // IAM user refused
    "APIGW.0304", // app refused
    "APIGW.0306", // access to the API refused
    "APIGW.0310", // project unavailable
    "APIGW.0401", // client's IP address refused
    "APIGW.0402",
    "APIGW.0404",
    "APIGW.0501", // the app's quota is used up: 405; a retry within seconds does not help
    "APIGW.0502", // the app is frozen: 405
    "APIGW.0801", // service not open in the region
    "APIGW.0802", // user not open in the region
  ],
  RATE_LIMITED: [
    "ModelArts.2799", // TooManyRequests of the training service
    "APIGW.0308", // throttled by the API gateway
  ],
} as const satisfies Partial<Record<UpstreamErrorCode, readonly string[]>>;

const CODE_OF = new Map<string, UpstreamErrorCode>(
  (Object.keys(MEANINGS) as (keyof typeof MEANINGS)[]).flatMap((code) =>
    MEANINGS[code].map((upstreamCode): [string, UpstreamErrorCode] => [upstreamCode.toUpperCase(), code]),
  ),
);

/** Codes of an API without a working backend: a 404 or 400 from one gateway, a 500 from the other. */
const MISCONFIGURED = new Set(["APIGW.0103", "APIGW.0104", "APIGW.0105"]);

/** Statuses after which the same GET may succeed. */
const RETRYABLE_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/** Returns the gateway's code for an error answer: by the upstream's code if it is known, otherwise by the status. */
export function classify(status: number, upstreamCode: string | null): UpstreamErrorCode {
  return (upstreamCode === null ? undefined : CODE_OF.get(canonical(upstreamCode))) ?? codeOfStatus(status);
}

/** Whether another try may help. Refused credentials are never tried again, because failed signatures lock a key. */
export function isWorthRetrying(status: number, upstreamCode: string | null): boolean {
  if (!RETRYABLE_STATUSES.has(status)) return false;
  if (upstreamCode === null) return true;
  const known = CODE_OF.get(canonical(upstreamCode));
  return (known === undefined || known === "RATE_LIMITED") && !MISCONFIGURED.has(canonical(upstreamCode));
}

function canonical(upstreamCode: string): string {
  return upstreamCode.toUpperCase().replace(/^APIG\./, "APIGW.");
}

function codeOfStatus(status: number): UpstreamErrorCode {
  if (status === 401) return "UNAUTHENTICATED";
  if (status === 403) return "FORBIDDEN";
  if (status === 408 || status === 504) return "UPSTREAM_TIMEOUT";
  if (status === 429) return "RATE_LIMITED";
  if (status >= 400 && status < 500) return "UPSTREAM_BAD_REQUEST";
  if (status >= 500 && status < 600) return "UPSTREAM_UNAVAILABLE";
  return "UPSTREAM_INVALID_RESPONSE";
}
