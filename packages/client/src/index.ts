export { allEvents, type Execute, type WalkedPage, type WalkOptions } from "./all-events.js";
export { type Advice, adviceFor } from "./errors/advice.js";
export { GATEWAY_ERROR_CODES, isGatewayErrorCode } from "./errors/codes.js";
export {
  type GatewayErrorInfo,
  gatewayErrorsOf,
  isGatewayError,
  type ModelArtsAnswer,
} from "./errors/gateway-errors.js";
export { FOLLOW_EVENTS } from "./generated/follow-text.js";
export { FollowError } from "./follow/follow-error.js";
export { followEvents } from "./follow/follow-events.js";
export { type FollowedBatch, type FollowOptions, type FollowState } from "./follow/follow-options.js";
export { type LiveClient, type LiveResult, type LiveSink } from "./follow/live-client.js";
export { resumable } from "./follow/resumable.js";
export { keepNewer, type ListedEdge, placeEvents } from "./lists/place-events.js";
export * from "./generated/graphql.js";
export { type GatewayErrorCode } from "./generated/enums.js";
