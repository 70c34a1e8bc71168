export { addFollowedEvents } from "./relay/add-followed-events.js";
export { eventsHandlerProvider } from "./relay/events-handler.js";
export { GatewayAnswerError, subscribeWith, throwOnErrors } from "./relay/network.js";
