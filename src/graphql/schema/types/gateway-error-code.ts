import { GraphQLEnumType } from "graphql";
import { GATEWAY_ERRORS } from "../../../errors.js";

/** Built by hand: no field has this type, and type-graphql emits only enums that some field has. */
export const GatewayErrorCodeType = new GraphQLEnumType({
  name: "GatewayErrorCode",
  description:
    "The values of `extensions.code` in the gateway's own errors. `extensions.retryable` says whether the same " +
    "request can succeed later.",
  values: Object.fromEntries(
    Object.entries(GATEWAY_ERRORS).map(([code, { description }]) => [code, { description }]),
  ),
});
