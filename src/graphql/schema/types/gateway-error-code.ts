import { GraphQLEnumType } from "graphql";
import { GATEWAY_ERRORS } from "../../../errors.js";

/** Built by hand: no field has this type, and type-graphql emits only enums that some field has. */
export const GatewayErrorCodeType = new GraphQLEnumType({
  name: "GatewayErrorCode",
  description:
    "What `extensions.code` of the gateway's own errors can be; `extensions.retryable` says whether the same " +
    "request may succeed later.",
  values: Object.fromEntries(
    Object.entries(GATEWAY_ERRORS).map(([code, { description }]) => [code, { description }]),
  ),
});
