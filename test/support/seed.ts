import fc from "fast-check";

/**
 * Property tests use the same cases in each run, so that a failure comes from the current change. `FC_SEED` selects
 * other cases; use many seeds after a change of the code under test.
 */
fc.configureGlobal({ seed: Number(process.env["FC_SEED"] ?? 20_240_501) });
