// The rooms of src/, from the outside in: no room may import one before it in this list. The table in
// docs/architecture.md says the same. Further rules below take more from some rooms.
const rooms = ["app", "http", "fastpath", "graphql", "event-log", "paging", "cache", "modelarts", "common"];

const above = (room) => rooms.slice(0, rooms.indexOf(room)).join("|");
const forbid = (name, from, to) => ({ name, severity: "error", from, to });

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...rooms
      .slice(1)
      .map((room) =>
        forbid(
          `${room}-imports-no-outer-room`,
          { path: `^src/${room}/` },
          { path: `^src/(${above(room)})/` },
        ),
      ),
    // Only main.ts and app/ join the parts: settings are handed down as values.
    forbid(
      "only-app-and-main-import-app-and-settings",
      { path: "^src/", pathNot: "^src/(main\\.ts|app/|settings/|simulator/main\\.ts)" },
      { path: "^src/(main\\.ts|app/|settings/)" },
    ),
    forbid(
      "paging-is-pure",
      { path: "^src/paging/" },
      { dependencyTypes: ["core"], pathNot: "^(node:)?(zlib|crypto|buffer)$" },
    ),
    forbid("paging-does-no-io", { path: "^src/paging/" }, { path: "^src/(cache|modelarts|observability)/" }),
    forbid("cache-knows-only-bytes", { path: "^src/cache/" }, { path: "^src/(modelarts|observability)/" }),
    forbid("modelarts-only-publishes", { path: "^src/modelarts/" }, { path: "^src/observability/" }),
    forbid(
      "common-knows-no-room",
      { path: "^src/common/" },
      { path: "^src/(settings|observability|simulator)/" },
    ),
    forbid(
      "observability-only-subscribes",
      { path: "^src/observability/" },
      { path: "^src/(app|settings|http|fastpath|graphql|event-log|paging|simulator)/" },
    ),
    // The forms of an allowed origin, of a Redis URL and of a manifest are defined where they are used.
    forbid(
      "settings-knows-no-room",
      { path: "^src/settings/" },
      {
        path: `^src/(${rooms.slice(0, -1).join("|")}|observability|simulator)/`,
        pathNot: "^src/(http/origins|cache/redis/redis-url|graphql/trusted/manifest)\\.ts$",
      },
    ),
    forbid(
      "simulator-imports-only-itself",
      { path: "^src/simulator/" },
      { path: "^src/", pathNot: "^src/(simulator/|settings/env-file\\.ts$)" },
    ),
    forbid(
      "only-app-imports-the-simulator",
      { path: "^src/", pathNot: "^src/(simulator|app)/" },
      { path: "^src/simulator/" },
    ),
    forbid("no-circular", {}, { circular: true }),
    forbid("no-orphans", { orphan: true, pathNot: ["(^src/main|/main)\\.ts$", "\\.d\\.ts$"] }, {}),
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
  },
};
