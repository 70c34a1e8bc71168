export { eventsFieldPolicy, eventTypePolicies } from "./apollo/field-policy.js";
export { gatewayLink, type GatewayLinkOptions } from "./apollo/gateway-link.js";
export { apolloExecute } from "./apollo/execute.js";
