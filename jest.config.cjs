const { availableParallelism } = require("node:os");

/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  setupFiles: ["reflect-metadata", "<rootDir>/test/support/seed.ts"],
  testMatch: [
    "<rootDir>/test/**/*.test.ts",
    "<rootDir>/packages/*/test/**/*.test.ts",
    "<rootDir>/examples/*/test/**/*.test.ts",
  ],
  extensionsToTreatAsEsm: [".ts"],
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: {
          target: "es2022",
          keepClassNames: true,
          parser: { syntax: "typescript", decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: "es6" },
        sourceMaps: "inline",
      },
    ],
  },
  modulePathIgnorePatterns: ["<rootDir>/dist", "<rootDir>/bench"],
  testSequencer: "<rootDir>/test/support/sequencer.cjs",
  testTimeout: 120000,
  // Tests wait for other processes half of their time, also where there are two cores only.
  maxWorkers: Math.max(2, availableParallelism() - 1),
};
