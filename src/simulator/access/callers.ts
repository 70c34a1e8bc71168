import { type IncomingHttpHeaders } from "node:http";
import { type Answer } from "../answer.js";
import { type Iam } from "./iam.js";
import { type JobRef } from "../jobs/job-store.js";
import { Lockout } from "./lockout.js";
import { callerRefused, notPermitted, projectMismatch, projectMissing } from "../refusals.js";
import { accessKeyOf, signatureProblem } from "./signatures.js";
import { type Switches } from "../admin/switches.js";

/** The parts of a call that identify its caller. */
export type CallerFacts = {
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly requestId: string;
};

/** The projects and jobs that a caller may read; without a list, all. */
type Rights = {
  readonly projects?: readonly string[] | undefined;
  readonly jobs?: readonly string[] | undefined;
};

/** "More than five consecutive" failures lock a key for five minutes. */
const FAILURES_MAX = 6;
const LOCKED_MS = 300_000;

/** Identifies callers by token or signature, as the API gateway does before the service. */
export class Callers {
  readonly #lockout: Lockout;

  constructor(
    private readonly iam: Iam,
    private readonly nowMs: () => number,
  ) {
    this.#lockout = new Lockout(FAILURES_MAX, LOCKED_MS, nowMs);
  }

  /** The refusal of a caller who may not read this, or null. Without configured callers, everyone may. */
  refuse(call: CallerFacts, job: JobRef, switches: Switches): Answer | null {
    const { tokens, users, accessKeys } = switches;
    if (tokens === null && users === null && accessKeys === null) return null;
    const rights =
      call.headers.authorization === undefined
        ? this.#byToken(call, switches)
        : this.#bySignature(call, job, switches);
    if (typeof rights === "string") return callerRefused(call.requestId, rights);
    if (rights === null) return projectMissing();
    if (rights.projects?.includes(job.projectId) === false) return projectMismatch();
    return rights.jobs?.includes(job.jobId) === false ? notPermitted() : null;
  }

  reset(): void {
    this.#lockout.clear();
  }

  /** Null: the token is scoped to an account. */
  #byToken({ headers }: CallerFacts, { tokens }: Switches): Rights | string | null {
    const token = String(headers["x-auth-token"] ?? "");
    const issued = this.iam.find(token);
    if (issued !== null) return issued.projectId === null ? null : { projects: [issued.projectId] };
    return tokens?.find((entry) => entry.token === token) ?? "the token is missing or cannot be decrypted";
  }

  #bySignature(call: CallerFacts, { projectId }: JobRef, { accessKeys }: Switches): Rights | string {
    const accessKey = accessKeyOf(call.headers.authorization ?? "");
    if (accessKey === null) return "the Authorization header has another form";
    if (this.#lockout.isLocked(accessKey)) return "AK access failed to reach the limit,forbidden";
    const known = accessKeys?.find((entry) => entry.accessKey === accessKey);
    const isToken = known?.securityToken === call.headers["x-security-token"];
    const problem =
      known === undefined
        ? "the AK does not exist"
        : isToken
          ? signatureProblem(call, known.secretKey, this.nowMs())
          : "the security token is invalid";
    if (known === undefined || problem !== null) {
      this.#lockout.fail(accessKey);
      return problem ?? "";
    }
    this.#lockout.succeed(accessKey);
    // The key is valid for the project that the caller names. The path has to name the same project.
    return call.headers["x-project-id"] === projectId ? known : { projects: [] };
  }
}
