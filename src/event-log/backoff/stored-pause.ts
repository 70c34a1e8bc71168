import { BudgetExceeded } from "../budget/budget.js";
import { GatewayError, type GatewayErrorCode, type ModelArtsFault } from "../../errors.js";

/** The codes after which further calls for the same job or caller pause. */
const PAUSING_CODES = [
  "RATE_LIMITED",
  "TRAINING_JOB_NOT_FOUND",
  "UNAUTHENTICATED",
  "FORBIDDEN",
] as const satisfies readonly GatewayErrorCode[];

export type PausingCode = (typeof PAUSING_CODES)[number];

/** A pause in its stored form: its cause and its duration. It contains no token and no host name. */
export type StoredPause = {
  readonly code: PausingCode;
  readonly message: string;
  /** The number of consecutive throttling answers; 0 after a successful call. */
  readonly throttled: number;
  readonly pauseMs: number;
  /** Whether the pause only lasts while a probe checks if the upstream still throttles. */
  readonly isProbing: boolean;
  readonly upstream: Omit<ModelArtsFault, "requestId"> | null;
};

export function packPause(pause: StoredPause): Buffer {
  return Buffer.from(JSON.stringify(pause));
}

/** The pause in stored bytes; null if the bytes are not a pause. */
export function unpackPause(bytes: Buffer): StoredPause | null {
  try {
    const read: unknown = JSON.parse(bytes.toString("utf8"));
    return isStoredPause(read) ? read : null;
  } catch {
    return null;
  }
}

function isStoredPause(read: unknown): read is StoredPause {
  if (!isRecord(read)) return false;
  const { code, message, throttled, pauseMs, isProbing, upstream } = read;
  return (
    (PAUSING_CODES as readonly unknown[]).includes(code) &&
    typeof message === "string" &&
    isCount(throttled) &&
    isCount(pauseMs) &&
    typeof isProbing === "boolean" &&
    (upstream === null ||
      (isRecord(upstream) &&
        isNullOr("string", upstream["errorCode"]) &&
        isNullOr("string", upstream["errorMsg"]) &&
        isNullOr("number", upstream["httpStatus"])))
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && value >= 0;
}

function isNullOr(type: "string" | "number", value: unknown): boolean {
  return value === null || typeof value === type;
}

export function isPausing(error: unknown): error is GatewayError & { readonly code: PausingCode } {
  // A used-up budget concerns one caller only. ModelArts has not throttled.
  if (!(error instanceof GatewayError) || error instanceof BudgetExceeded) return false;
  return (PAUSING_CODES as readonly string[]).includes(error.code);
}

/** The stored parts of an error. The request ID is not stored, because it belongs to one call. */
export function storedError(error: GatewayError & { readonly code: PausingCode }) {
  const { modelArts } = error.details;
  const upstream = modelArts && {
    errorCode: modelArts.errorCode,
    errorMsg: modelArts.errorMsg,
    httpStatus: modelArts.httpStatus,
  };
  return { code: error.code, message: error.message, upstream: upstream ?? null };
}

/** The error of a call that is not made during a pause. */
export function pauseError({ code, message, upstream }: StoredPause, leftMs: number): GatewayError {
  return new GatewayError(code, message, {
    ...(upstream === null ? {} : { modelArts: { ...upstream, requestId: null } }),
    ...(code === "RATE_LIMITED" ? { retryAfterMs: Math.ceil(leftMs) } : {}),
  });
}
