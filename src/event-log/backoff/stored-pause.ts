import { z } from "zod";
import { GatewayError, type GatewayErrorCode } from "../../errors.js";

/** The failures after which the next call for the same thing waits. */
export const PAUSING_CODES = [
  "RATE_LIMITED",
  "TRAINING_JOB_NOT_FOUND",
  "UNAUTHENTICATED",
  "FORBIDDEN",
] as const satisfies readonly GatewayErrorCode[];

export type PausingCode = (typeof PAUSING_CODES)[number];

const schema = z.strictObject({
  code: z.enum(PAUSING_CODES),
  message: z.string(),
  /** Throttling answers in a row; 0 once a call succeeded after them. */
  throttled: z.number().int().min(0),
  pauseMs: z.number().min(0),
  /** Whether the pause lasts only while another call finds out if the upstream still throttles. */
  isProbing: z.boolean(),
  upstream: z
    .strictObject({
      errorCode: z.string().nullable(),
      errorMsg: z.string().nullable(),
      httpStatus: z.number().nullable(),
    })
    .nullable(),
});

/** A pause as it is stored: why it began, and how long it lasts. It holds no token and no host name. */
export type StoredPause = Readonly<z.output<typeof schema>>;

export function packPause(pause: StoredPause): Buffer {
  return Buffer.from(JSON.stringify(pause));
}

/** The pause in stored bytes; null if they hold anything else. */
export function unpackPause(bytes: Buffer): StoredPause | null {
  try {
    const read = schema.safeParse(JSON.parse(bytes.toString("utf8")));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

export function isPausing(error: unknown): error is GatewayError & { readonly code: PausingCode } {
  return error instanceof GatewayError && (PAUSING_CODES as readonly string[]).includes(error.code);
}

/** The parts of an error that are stored. The request ID is not: it belongs to another call. */
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
