// No room may know one above it in this list; the rules below take more from some. docs/architecture.md says why.
const rooms = ["http", "fastpath", "graphql", "log", "paging", "cache", "modelarts"];

const above = (room) => rooms.slice(0, rooms.indexOf(room)).join("|");

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...rooms.slice(1).map((room) => ({
      name: `${room}-knows-none-above`,
      severity: "error",
      from: { path: `^src/${room}/` },
      to: { path: `^src/(${above(room)})/` },
    })),
    {
      name: "rooms-do-not-know-the-house",
      comment: "Only main.ts and app.ts join the parts; settings are handed down as values.",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: "^src/simulator/main\\.ts$" },
      to: { path: "^src/(main|app|settings)\\.ts$" },
    },
    {
      name: "paging-is-pure",
      severity: "error",
      from: { path: "^src/paging/" },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?(zlib|crypto|buffer)$" },
    },
    {
      name: "paging-knows-no-io",
      severity: "error",
      from: { path: "^src/paging/" },
      to: { path: "^src/(cache|modelarts|observability)/" },
    },
    {
      name: "cache-knows-only-bytes",
      severity: "error",
      from: { path: "^src/cache/" },
      to: { path: "^src/(modelarts|observability)/" },
    },
    {
      name: "modelarts-only-publishes",
      severity: "error",
      from: { path: "^src/modelarts/" },
      to: { path: "^src/observability/" },
    },
    {
      name: "simulator-knows-nothing-of-the-rest",
      severity: "error",
      from: { path: "^src/simulator/" },
      to: { path: "^src/", pathNot: "^src/simulator/" },
    },
    {
      name: "nothing-knows-the-simulator",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(simulator/|app\\.ts$)" },
      to: { path: "^src/simulator/" },
    },
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, pathNot: ["(^src/main|/main)\\.ts$", "\\.d\\.ts$"] },
      to: {},
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
  },
};
