import { createHash } from "node:crypto";
import { type JWTPayload } from "jose";
import { type AllowedProjects } from "../caller-authorization.js";

/** The entry of the claim that allows all projects. */
const ALL = "*";

/** No projects: for callers without a JWT, or without the claim. */
export const NO_PROJECTS: AllowedProjects = { key: "none", has: () => false };

/**
 * Returns the projects that a caller may read, from the claim at a path such as `projects` or `modelarts.projects`. The
 * claim is a list of project IDs, or a string with spaces or commas between them.
 * @returns undefined if the claim allows all projects
 */
export function projectsOf(payload: JWTPayload, path: string): AllowedProjects | undefined {
  const listed = listOf(claimAt(payload, path));
  if (listed.includes(ALL)) return undefined;
  if (listed.length === 0) return NO_PROJECTS;
  const allowed = new Set(listed);
  const key = createHash("sha256")
    .update([...allowed].sort().join("\n"))
    .digest("base64url");
  return { key, has: (projectId) => allowed.has(projectId) };
}

/**
 * A claim with the whole path as its name comes first, because names such as `https://example.com/projects` contain
 * dots.
 */
function claimAt(payload: JWTPayload, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path];
  let value: unknown = payload;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

function listOf(claim: unknown): string[] {
  if (typeof claim === "string") return claim.split(/[\s,]+/).filter((id) => id !== "");
  return Array.isArray(claim) ? claim.filter((id): id is string => typeof id === "string") : [];
}
