import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type Answer, jsonAnswer } from "../answer.js";
import { errorBody } from "../error-bodies.js";
import { Lockout } from "./lockout.js";
import { type Switches } from "../admin/switches.js";

export const TOKENS_PATH = "/v3/auth/tokens";

/** An issued token and its scope; without a project, the scope is the account. */
type IssuedToken = { readonly projectId: string | null; readonly expiresAtMs: number };

const loginSchema = z.object({
  auth: z.object({
    identity: z.object({
      methods: z.tuple([z.literal("password")]),
      password: z.object({
        user: z.object({
          name: z.string(),
          password: z.string(),
          domain: z.object({ name: z.string() }),
        }),
      }),
    }),
    scope: z.union([
      z.strictObject({ project: z.object({ id: z.string() }) }),
      z.strictObject({ domain: z.object({ name: z.string() }) }),
    ]),
  }),
});

/** Administrators of real accounts set both: 3 to 10 wrong passwords, 15 minutes or more. */
const WRONG_PASSWORDS_MAX = 3;
const LOCKED_MS = 900_000;
/** The number of tokens that are kept. */
const TOKENS_MAX = 10_000;

const refusal = (status: number, title: string, message: string): Answer =>
  jsonAnswer(status, errorBody("keystone", { status, code: title, message, requestId: "" }));

/** The simulated IAM: issues tokens of projects and of accounts for passwords. */
export class Iam {
  readonly #issued = new Map<string, IssuedToken>();
  readonly #lockout: Lockout;

  constructor(private readonly nowMs: () => number) {
    this.#lockout = new Lockout(WRONG_PASSWORDS_MAX, LOCKED_MS, nowMs);
  }

  /** The number of valid tokens. */
  get size(): number {
    return [...this.#issued.values()].filter(({ expiresAtMs }) => expiresAtMs > this.nowMs()).length;
  }

  /** The scope of a valid token; null for another token. */
  find(token: string): IssuedToken | null {
    const issued = this.#issued.get(token);
    return issued !== undefined && issued.expiresAtMs > this.nowMs() ? issued : null;
  }

  /** Revokes all tokens, as a new password does after some time. */
  revoke(): void {
    this.#issued.clear();
  }

  reset(): void {
    this.revoke();
    this.#lockout.clear();
  }

  /** Answers `POST /v3/auth/tokens`. */
  logIn(body: unknown, { users, foreignProjectStatus, tokenTtlMs }: Switches): Answer {
    const { success, data } = loginSchema.safeParse(body);
    if (!success) return refusal(400, "Bad Request", "The request body is invalid.");
    const { user } = data.auth.identity.password;
    const { scope } = data.auth;
    const projectId = "project" in scope ? scope.project.id : null;
    const account = `${user.domain.name}/${user.name}`;
    const known = users?.find((one) => one.domain === user.domain.name && one.user === user.name);
    if (users !== null) {
      if (this.#lockout.isLocked(account)) return refusal(401, "Unauthorized", "The account is locked.");
      if (known?.password !== user.password) {
        this.#lockout.fail(account);
        return refusal(401, "Unauthorized", "The username or password is wrong.");
      }
      this.#lockout.succeed(account);
      const isForeign =
        "project" in scope
          ? known.projects?.includes(scope.project.id) === false
          : scope.domain.name !== user.domain.name;
      if (isForeign) {
        const title = foreignProjectStatus === 403 ? "Forbidden" : "Unauthorized";
        return refusal(foreignProjectStatus, title, "The user has no rights in the scope.");
      }
    }
    return this.#issue(projectId, user.name, user.domain.name, tokenTtlMs);
  }

  #issue(projectId: string | null, name: string, domain: string, ttlMs: number): Answer {
    const text = `MII${randomBytes(600).toString("base64url")}`;
    const nowMs = this.nowMs();
    const [oldest] = this.#issued.keys();
    if (this.#issued.size >= TOKENS_MAX && oldest !== undefined) this.#issued.delete(oldest);
    this.#issued.set(text, { projectId, expiresAtMs: nowMs + ttlMs });
    const body = {
      token: {
        expires_at: micros(nowMs + ttlMs),
        issued_at: micros(nowMs),
        methods: ["password"],
        ...(projectId === null
          ? { domain: { id: domain, name: domain } }
          : { project: { id: projectId, name: projectId, domain: { id: domain, name: domain } } }),
        user: { id: name, name, domain: { id: domain, name: domain }, password_expires_at: "" },
        roles: [],
      },
    };
    return jsonAnswer(201, body, { "X-Subject-Token": text });
  }
}

/** IAM writes times in UTC with microseconds. */
const micros = (timeMs: number): string => new Date(timeMs).toISOString().replace("Z", "000Z");
