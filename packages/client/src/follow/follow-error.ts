import { type Advice } from "../errors/advice.js";

/** Thrown where following cannot go on. `isGatewayError` and `adviceFor` read it like any other failure. */
export class FollowError extends Error {
  override readonly name = "FollowError";

  constructor(
    readonly advice: Advice,
    failure: unknown,
  ) {
    super(advice.error?.message ?? "The subscription cannot go on.", { cause: failure });
  }
}
