import { z } from "zod";
import { LAWS_KEPT, lawsSchema } from "../laws.js";

const tokenSchema = z.strictObject({
  token: z.string().min(1),
  /** The projects of the token; absent: all. */
  projects: z.array(z.string()).optional(),
  /** The jobs that the token may read; absent: all. */
  jobs: z.array(z.string()).optional(),
});

/** The settings that can change while the simulator runs. */
const userSchema = z.strictObject({
  domain: z.string().min(1),
  user: z.string().min(1),
  password: z.string().min(1),
  /** The projects that the user gets tokens for; absent: all. */
  projects: z.array(z.string()).optional(),
});

const accessKeySchema = z.strictObject({
  accessKey: z.string().min(1),
  secretKey: z.string().min(1),
  /** The security token of a temporary key, which calls must send as X-Security-Token. */
  securityToken: z.string().min(1).optional(),
  /** The projects of the key; absent: all. */
  projects: z.array(z.string()).optional(),
});

export const switchesSchema = z.strictObject({
  /** The delay of each answer, in milliseconds. */
  latencyMs: z.number().int().min(0),
  /** Whether `offset` counts pages of `limit` instead of rows; the documents of the API disagree. */
  pageOffsets: z.boolean(),
  /** Whether total, limit and offset are strings, as in the tables, instead of numbers, as in the example. */
  numbersAsStrings: z.boolean(),
  /** The offset in which times are written: `Z`, `+08:00`, `-03:30` … */
  utcOffset: z.string().regex(/^(Z|[+-]\d\d:[0-5]\d)$/),
  /** The value of `events` if there are none. */
  emptyEvents: z.enum(["array", "null", "absent"]),
  /** Whether `source` is refused, as an older version of the service can do. */
  rejectSource: z.boolean(),
  /** The documented laws that the service breaks. */
  brokenLaws: lawsSchema,
  /** The valid tokens; null: no token is needed. */
  tokens: z.array(tokenSchema).nullable(),
  /** The users of IAM, whose tokens are then required; null: any user with any password. */
  users: z.array(userSchema).nullable(),
  /** The status with which IAM refuses a foreign project; its documentation does not say. */
  foreignProjectStatus: z.union([z.literal(403), z.literal(401)]),
  /** The valid access keys; null: signatures are not checked. */
  accessKeys: z.array(accessKeySchema).nullable(),
  /** The lifetime of IAM's tokens, in milliseconds. */
  tokenTtlMs: z.number().int().min(1),
});

export type Switches = z.infer<typeof switchesSchema>;

/** The service as in the example of the reference page. */
export const DEFAULT_SWITCHES: Switches = {
  latencyMs: 0,
  pageOffsets: false,
  numbersAsStrings: false,
  utcOffset: "+08:00",
  emptyEvents: "array",
  rejectSource: false,
  brokenLaws: LAWS_KEPT,
  tokens: null,
  users: null,
  foreignProjectStatus: 403,
  accessKeys: null,
  tokenTtlMs: 86_400_000,
};
