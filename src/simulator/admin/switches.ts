import { z } from "zod";

const tokenSchema = z.strictObject({
  token: z.string().min(1),
  /** The projects the token belongs to; left out: every one. */
  projects: z.array(z.string()).optional(),
  /** The jobs the token may read; left out: every one. */
  jobs: z.array(z.string()).optional(),
});

/** What can be set while the simulator runs. */
const userSchema = z.strictObject({
  domain: z.string().min(1),
  user: z.string().min(1),
  password: z.string().min(1),
  /** The projects the user may have a token for; left out: every one. */
  projects: z.array(z.string()).optional(),
});

const accessKeySchema = z.strictObject({
  accessKey: z.string().min(1),
  secretKey: z.string().min(1),
  /** The projects the key is good for; left out: every one. */
  projects: z.array(z.string()).optional(),
});

export const switchesSchema = z.strictObject({
  /** Milliseconds that every answer waits. */
  latencyMs: z.number().int().min(0),
  /** Whether `offset` counts pages of `limit` in place of rows: the API's texts disagree. */
  pageOffsets: z.boolean(),
  /** Whether total, limit and offset are strings, as the tables say, in place of numbers, as the example has. */
  numbersAsStrings: z.boolean(),
  /** The offset in which times are written: `Z`, `+08:00`, `-03:30` … */
  utcOffset: z.string().regex(/^(Z|[+-]\d\d:[0-5]\d)$/),
  /** What stands for `events` when there is none. */
  emptyEvents: z.enum(["array", "null", "absent"]),
  /** Whether `source` is refused, as a service older than that parameter may do. */
  rejectSource: z.boolean(),
  /** Who may ask; null: everybody, without a token. */
  tokens: z.array(tokenSchema).nullable(),
  /** Who gets tokens from IAM, which are then asked for; null: everybody, with any password. */
  users: z.array(userSchema).nullable(),
  /** How IAM refuses a project that is not the user's, which its documentation leaves open. */
  foreignProjectStatus: z.union([z.literal(403), z.literal(401)]),
  /** The keys by which calls may be signed; null: no signature is looked at. */
  accessKeys: z.array(accessKeySchema).nullable(),
  /** How long IAM's tokens live, in milliseconds. */
  tokenTtlMs: z.number().int().min(1),
});

export type Switches = z.infer<typeof switchesSchema>;

/** The service as the reference page's example shows it. */
export const DEFAULT_SWITCHES: Switches = {
  latencyMs: 0,
  pageOffsets: false,
  numbersAsStrings: false,
  utcOffset: "+08:00",
  emptyEvents: "array",
  rejectSource: false,
  tokens: null,
  users: null,
  foreignProjectStatus: 403,
  accessKeys: null,
  tokenTtlMs: 86_400_000,
};
