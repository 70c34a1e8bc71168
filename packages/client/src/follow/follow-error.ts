import { type Advice } from "../errors/advice.js";

/** Thrown if the subscription cannot continue. `isGatewayError` and `adviceFor` accept it like any other failure. */
export class FollowError extends Error {
  override readonly name = "FollowError";

  constructor(
    readonly advice: Advice,
    failure: unknown,
  ) {
    super(advice.error?.message ?? "The subscription cannot continue.", { cause: failure });
  }
}
