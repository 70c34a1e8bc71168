import fc from "fast-check";

/**
 * Property tests draw the same cases in each run, so that a failure is one of the change at hand. `FC_SEED` gives
 * others; long runs with many seeds belong to whoever changes the laws' code.
 */
fc.configureGlobal({ seed: Number(process.env["FC_SEED"] ?? 20_240_501) });
