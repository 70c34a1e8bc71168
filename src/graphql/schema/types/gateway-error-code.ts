import { GraphQLEnumType } from "graphql";
import { GATEWAY_ERRORS } from "../../../errors.js";

/** Not built by type-graphql, which emits only enums that a field uses, and no field has this type. */
export const GatewayErrorCodeType = new GraphQLEnumType({
  name: "GatewayErrorCode",
  description:
    "The values of `extensions.code` in the gateway's own errors. `extensions.retryable` is true if the same " +
    "request can succeed later.",
  values: Object.fromEntries(
    Object.entries(GATEWAY_ERRORS).map(([code, { description }]) => [code, { description }]),
  ),
});
