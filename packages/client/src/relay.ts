export { addFollowedEvents } from "./relay/add-followed-events.js";
export { GatewayAnswerError, subscribeWith, throwOnErrors } from "./relay/network.js";
