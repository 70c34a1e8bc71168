import { expect, test } from "@jest/globals";
import { projectsOf } from "../../../src/http/jwt/jwt-projects.js";

test.each<[unknown, string, string]>([
  [["a", "b"], "a", "allowed"],
  [["a", "b"], "c", "refused"],
  ["a b,c", "c", "allowed"],
  ["abc", "a", "refused"],
  [["*"], "c", "allowed"],
  ["*", "c", "allowed"],
  [[], "a", "refused"],
  [undefined, "a", "refused"],
  [{ a: true }, "a", "refused"],
  [[["a"], 1, null], "a", "refused"],
])("the claim %j and project %s: %s", (claim, projectId, expected) => {
  const projects = projectsOf({ projects: claim }, "projects");
  expect(projects === undefined || projects.has(projectId) ? "allowed" : "refused").toBe(expected);
});

test("the path leads into objects, and a claim whose name is the whole path comes first", () => {
  const payload = {
    modelarts: { projects: ["a"] },
    "https://example.com/projects": ["b"],
    "x.y": ["c"],
    x: { y: ["d"] },
  };
  expect(projectsOf(payload, "modelarts.projects")?.has("a")).toBe(true);
  expect(projectsOf(payload, "https://example.com/projects")?.has("b")).toBe(true);
  expect(projectsOf(payload, "x.y")?.has("c")).toBe(true);
  expect(projectsOf(payload, "modelarts.constructor.name")?.has("Object")).toBe(false);
});

test("equal sets have the same key, other sets another one", () => {
  const keyOf = (projects: string[]): string | undefined => projectsOf({ projects }, "projects")?.key;
  expect(keyOf(["a", "b"])).toBe(keyOf(["b", "a", "a"]));
  expect(new Set([keyOf(["a"]), keyOf(["b"]), keyOf(["a", "b"]), keyOf([])]).size).toBe(4);
});
